using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Anthropic;

public sealed class MessagesTests
{
    private const string Streamed = """{"model":"demo-chat","max_tokens":8,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task Events_go_out_as_the_chunks_come()
    {
        var seen = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
            await seen.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("lo").Replace("\"finish_reason\":null", "\"finish_reason\":\"length\""));
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await AskAsync(gateway, Streamed);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("\"Hel\""))
        {
            line.ShouldNotContain("message_stop");
        }

        seen.SetResult();
        var rest = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream"); // it has a body
        rest.ShouldContain("\"lo\"");
        rest.ShouldContain("\"stop_reason\":\"max_tokens\"");
        rest.TrimEnd().ShouldEndWith("data: {\"type\":\"message_stop\"}");
    }

    [Fact]
    public async Task A_client_that_leaves_its_stream_cancels_at_the_worker()
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
            await left.Task;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using (await AskAsync(gateway, Streamed))
        {
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_breaks_off_ends_in_an_error_event(bool aborted)
    {
        var begun = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
            await begun.Task.WaitAsync(context.RequestAborted);
            if (aborted)
            {
                context.Abort();
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        // It breaks once the answer has begun: what is still on its way when a connection is aborted may be lost with it.
        using var response = await AskAsync(gateway, Streamed);
        begun.SetResult();
        var text = await GatewayUnderTest.TextAsync(response);

        text.ShouldContain("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"");
        text.ShouldNotContain("message_stop");
    }

    [Theory]
    [InlineData("""{"stop_reason":"END"}""", "stop_sequence", "END")]
    [InlineData("""{"finish_reason":"content_filter"}""", "refusal", null)]
    public async Task What_ended_the_answer_is_told_in_Anthropics_words(string choice, string reason, string? sequence)
    {
        await using var worker = await FakeWorker.StartedAsync(context =>
        {
            var answer = JsonNode.Parse(FakeWorker.Completion)!; // an object
            foreach (var (name, value) in JsonNode.Parse(choice)!.AsObject()) // and one
            {
                answer["choices"]![0]![name] = value?.DeepClone(); // it has a choice
            }

            return FakeWorker.WriteJsonAsync(context, answer.ToJsonString());
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await AskAsync(gateway, Streamed.Replace("true", "false"));
        var message = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;

        (message.GetProperty("stop_reason").GetString(), message.GetProperty("stop_sequence").GetString()).ShouldBe((reason, sequence));
    }

    [Theory]
    [InlineData("""{"max_tokens":8,"messages":[]}""", "You must provide a model parameter")]
    [InlineData("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""", "max_tokens: it is needed")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[]}""", "messages: at least one")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"system","content":"Hi"}]}""", "messages.0.role: ")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[7]}""", "messages.0.role: ")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":[{"type":"document"}]}]}""", "messages.0.content.0.type: a block 'document' is not supported")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image"}]}]}]}""", "messages.0.content.0.content.0.type: images are not supported")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"{"}]}""", "messages: the last message is the assistant's")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", "tools.0.type: a tool of the type 'web_search_20250305'")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"Hi"}],"tool_choice":{"type":"any"}}""", "tool_choice: it is given without any tools")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"Hi"}],"mcp_servers":[]}""", "mcp_servers: it is not supported")]
    [InlineData("""{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"\ud800"}]}""", "not valid Unicode")]
    public async Task What_cannot_be_translated_is_refused_by_its_place(string body, string complaint)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await AskAsync(gateway, body);
        var error = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        (error.GetProperty("error").GetProperty("message").GetString() ?? "").ShouldContain(complaint);
        error.GetProperty("request_id").GetString().ShouldBe(response.Headers.GetValues("request-id").Single());
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_version_of_the_protocol_that_is_no_date_and_other_methods_are_refused_in_the_same_words()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/messages", json: Streamed);
        request.Headers.Add("anthropic-version", "latest");

        using var version = await gateway.SendAsync(request);
        using var method = await gateway.GetAsync("/v1/messages");

        (await GatewayUnderTest.TextAsync(version)).ShouldContain("anthropic-version: 'latest' is no version");
        method.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await GatewayUnderTest.TextAsync(method)).ShouldStartWith("{\"type\":\"error\"");
    }

    private static Task<HttpResponseMessage> AskAsync(GatewayUnderTest gateway, string body) => gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/messages", json: body));
}
