using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Serialization;
using AiFactory.ServiceDefaults.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Tests.Streaming;

public sealed partial class SseWriterTests
{
    [Theory]
    [InlineData("[DONE]", "data: [DONE]\n\n")]
    [InlineData("", "data: \n\n")]
    [InlineData("a\nb", "data: a\ndata: b\n\n")]
    [InlineData("a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n")]
    public async Task Each_line_of_the_data_has_its_field(string data, string written)
    {
        var pipe = new Pipe();
        using var writer = new SseWriter(pipe.Writer);

        (await writer.WriteAsync(Encoding.UTF8.GetBytes(data), cancellationToken: TestContext.Current.CancellationToken)).ShouldBeTrue();

        var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Encoding.UTF8.GetString(read.Buffer).ShouldBe(written);
    }

    [Fact]
    public async Task A_name_of_two_lines_is_refused()
    {
        using var writer = new SseWriter(new Pipe().Writer);

        await Should.ThrowAsync<ArgumentException>(async () => await writer.WriteAsync("x"u8.ToArray(), "a\nb", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_writer_whose_reader_has_left_says_so()
    {
        var pipe = new Pipe();
        using var writer = new SseWriter(pipe.Writer);
        await pipe.Reader.CompleteAsync();

        (await writer.WriteAsync("x"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_reads_each_event_when_it_is_written()
    {
        var next = new SemaphoreSlim(0);
        await using var service = await TestService.StartAsync(app => app.MapGet("/events", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            using var writer = SseWriter.Start(context.Response);
            await writer.WriteKeepAliveAsync(cancellationToken);
            for (var i = 0; i < 3; i++)
            {
                await writer.WriteJsonAsync(new Tick(i, "a\nb"), TickJson.Default.Tick, i == 1 ? "named" : null, cancellationToken);
                await next.WaitAsync(cancellationToken);
            }

            await writer.WriteAsync("[DONE]"u8.ToArray(), cancellationToken: cancellationToken);
        }).AllowAnonymous());

        using var response = await service.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType?.ToString().ShouldBe("text/event-stream; charset=utf-8");
        var seen = new List<string>();
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            // The next is only written once this one was read: had anything buffered it, the test would hang.
            seen.Add($"{item.EventType}:{item.Data}");
            next.Release();
        }

        seen.ShouldBe(["""message:{"Number":0,"Text":"a\nb"}""", """named:{"Number":1,"Text":"a\nb"}""", """message:{"Number":2,"Text":"a\nb"}""", "message:[DONE]"]);
    }

    private sealed record Tick(int Number, string Text);

    [JsonSerializable(typeof(Tick))]
    private sealed partial class TickJson : JsonSerializerContext;
}
