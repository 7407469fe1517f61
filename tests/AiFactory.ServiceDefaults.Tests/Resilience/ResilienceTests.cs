using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Tests.Resilience;

public sealed class ResilienceTests : IAsyncLifetime
{
    private int _calls;
    private Func<int, HttpContext, Task> _answer = (_, _) => Task.CompletedTask;
    private TestService _upstream = null!; // InitializeAsync runs before each test.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _upstream = await TestService.StartAsync(app => app.Map("/{**path}", (HttpContext context) =>
        _answer(Interlocked.Increment(ref _calls), context)).AllowAnonymous());

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task A_passing_failure_is_tried_again(int status)
    {
        await using var client = await ClientAsync();
        _answer = (call, context) => Answer(context, call < 3 ? status : 200);

        using var response = await client.Http.GetAsync("/x", Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        _calls.ShouldBe(3);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task What_will_not_pass_is_answered_at_once(int status)
    {
        await using var client = await ClientAsync();
        _answer = (_, context) => Answer(context, status);

        using var response = await client.Http.GetAsync("/x", Token);

        ((int)response.StatusCode).ShouldBe(status);
        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task The_last_answer_is_given_when_all_attempts_fail()
    {
        await using var client = await ClientAsync();
        _answer = (call, context) => Answer(context, 503, $"call {call}");

        using var response = await client.Http.GetAsync("/x", Token);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync(Token)).ShouldBe("call 4");
    }

    [Theory]
    [InlineData("POST", false, 1)]
    [InlineData("PATCH", false, 1)]
    [InlineData("PUT", false, 4)]
    [InlineData("DELETE", false, 4)]
    [InlineData("POST", true, 4)]
    public async Task Only_what_may_be_done_twice_is_sent_twice(string method, bool unsafeMethodsToo, int calls)
    {
        await using var client = await ClientAsync(("HttpClients:upstream:RetryUnsafeMethods", $"{unsafeMethodsToo}"));
        var bodies = new List<string>();
        _answer = async (_, context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            bodies.Add(await reader.ReadToEndAsync(Token));
            context.Response.StatusCode = 503;
        };

        using var request = new HttpRequestMessage(new HttpMethod(method), "/x") { Content = new StringContent("body") };
        using var response = await client.Http.SendAsync(request, Token);

        bodies.ShouldBe(Enumerable.Repeat("body", calls));
    }

    [Fact]
    public async Task A_body_that_is_a_stream_is_sent_once_and_not_buffered()
    {
        await using var client = await ClientAsync();
        var begun = new TaskCompletionSource();
        _answer = async (_, context) =>
        {
            await context.Request.Body.ReadAtLeastAsync(new byte[3], 3, cancellationToken: Token);
            begun.SetResult();
            context.Response.StatusCode = 503;
        };
        using var body = new OpenEnded(begun.Task);

        using var response = await client.Http.PutAsync("/x", new StreamContent(body), Token);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_retry_waits_as_long_as_the_answer_asks()
    {
        await using var client = await ClientAsync();
        _answer = (call, context) =>
        {
            context.Response.Headers.RetryAfter = "1";
            return Answer(context, call == 1 ? 429 : 200);
        };

        var clock = Stopwatch.StartNew();
        using var response = await client.Http.GetAsync("/x", Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        clock.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(0.99));
    }

    [Fact]
    public async Task A_wait_beyond_the_limit_is_left_to_the_caller()
    {
        await using var client = await ClientAsync();
        _answer = (_, context) =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return Answer(context, 429);
        };

        using var response = await client.Http.GetAsync("/x", Token);

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromHours(1));
        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_silent_service_is_asked_again_and_then_given_up()
    {
        await using var client = await ClientAsync(("HttpClients:upstream:AttemptTimeout", "00:00:00.2"), ("HttpClients:upstream:TotalTimeout", "00:00:00.5"));
        _answer = (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

        var error = await Should.ThrowAsync<HttpRequestException>(() => client.Http.GetAsync("/x", Token));

        error.Message.ShouldStartWith("http://upstream did not answer within ");
        _calls.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_stream_goes_on_beyond_every_timeout_once_it_has_begun()
    {
        await using var client = await ClientAsync(("HttpClients:upstream:AttemptTimeout", "00:00:00.3"), ("HttpClients:upstream:TotalTimeout", "00:00:00.4"));
        _answer = async (_, context) =>
        {
            for (var i = 0; i < 6; i++)
            {
                await context.Response.WriteAsync($"{i}", Token);
                await context.Response.Body.FlushAsync(Token);
                await Task.Delay(300, Token);
            }
        };

        using var response = await client.Http.GetAsync("/x", HttpCompletionOption.ResponseHeadersRead, Token);

        (await response.Content.ReadAsStringAsync(Token)).ShouldBe("012345");
        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task After_many_failures_the_service_is_left_alone_for_a_while()
    {
        await using var client = await ClientAsync(
            ("HttpClients:upstream:Retries", "0"),
            ("HttpClients:upstream:BreakerMinimumThroughput", "4"),
            ("HttpClients:upstream:BreakerBreakDuration", "00:00:00.5"));
        _answer = (call, context) => Answer(context, call <= 4 ? 500 : 200);
        for (var i = 0; i < 4; i++)
        {
            using var failed = await client.Http.GetAsync("/x", Token);
        }

        var error = await Should.ThrowAsync<HttpRequestException>(() => client.Http.GetAsync("/x", Token));
        error.Message.ShouldContain("is not asked now");
        _calls.ShouldBe(4);

        await Task.Delay(600, Token);
        using var response = await client.Http.GetAsync("/x", Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_caller_who_leaves_is_not_retried_for()
    {
        await using var client = await ClientAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _answer = async (_, context) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        await Should.ThrowAsync<OperationCanceledException>(() => client.Http.GetAsync("/x", cancel.Token));

        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_without_resilience_sends_once()
    {
        await using var client = await ClientAsync(("HttpClients:upstream:Enabled", "false"));
        _answer = (_, context) => Answer(context, 503);

        using var response = await client.Http.GetAsync("/x", Token);

        _calls.ShouldBe(1);
    }

    [Theory]
    [InlineData("AttemptTimeout", "00:01:00", "(00:01:00) is longer than TotalTimeout (00:00:30).")]
    [InlineData("TotalTimeout", "00:00:00", "must lie between 10 milliseconds and one day.")]
    [InlineData("Retries", "21", "must lie between 0 and 20.")]
    public async Task A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value, string sentence) =>
        (await Should.ThrowAsync<OptionsValidationException>(() => ClientAsync(($"HttpClients:upstream:{setting}", value)))).Message
            .ShouldContain($"HttpClients:upstream:{setting} {sentence}");

    private static Task Answer(HttpContext context, int status, string text = "")
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text, Token);
    }

    private async Task<TestClient> ClientAsync(params (string, string?)[] settings) => await TestClient.StartAsync(
        "upstream",
        [("services:upstream:http:0", _upstream.Address.ToString()), ("HttpClients:upstream:RetryDelay", "00:00:00.010"), .. settings]);

    /// <summary>Gives its bytes, then nothing until it is let go.</summary>
    private sealed class OpenEnded(Task release) : MemoryStream(new byte[100_000])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
            {
                await release.WaitAsync(cancellationToken);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
