using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Guardrails;

/// <summary>Answers that have to be JSON of a form.</summary>
public sealed class AnswerSchemaTests
{
    private const string Stream = """{"model":"demo-chat","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    private static readonly GuardrailRule City = new()
    {
        Name = "city",
        Kind = "schema",
        Action = "block",
        AppliesTo = "output",
        Schema = JsonDocument.Parse("""{"type":"object","required":["city"],"properties":{"city":{"type":"string","maxLength":9}}}""").RootElement,
    };

    [Theory]
    [InlineData("""{"content":"{\"city\":\"Oslo\"}"}""", null)]
    [InlineData("""{"content":[{"type":"text","text":"{\"city\":"},{"type":"text","text":"\"Oslo\"}"}]}""", null)]
    [InlineData("""{"content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}""", null)]
    [InlineData("""{"content":"{\"city\":\"Oslo\"}","reasoning_content":"Well, well."}""", null)]
    [InlineData("""{"content":"{\"town\":\"Oslo\"}"}""", "misses 'city'")]
    [InlineData("""{"content":"{\"city\":\"Llanfairpwll\"}"}""", "$.city is too long")]
    [InlineData("""{"content":"Sure! {\"city\":\"Oslo\"}"}""", "$ is no JSON")]
    [InlineData("""{"content":"{\"city\":\"\\ud800\"}"}""", "$ is no JSON")]
    public async Task A_whole_answer_fits_or_is_stopped_with_the_place_of_its_fault(string message, string? fault)
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"id":"1","choices":[{"index":0,"message":{"content":"{\"city\":\"Bergen\"}"}},{"index":1,"message":""" + message + "}]}"));
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, City));

        using var response = await gateway.ChatAsync();
        var text = await GatewayUnderTest.TextAsync(response);

        if (fault is null)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            text.ShouldContain(message);
            return;
        }

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        JsonDocument.Parse(text).RootElement.GetProperty("error").ShouldSatisfyAllConditions(
            error => error.GetProperty("code").GetString().ShouldBe("content_filter"), error => error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain($"'city' of this project: {(fault[0] == '$' ? "" : "$ ")}{fault}"));
        text.ShouldNotContain("Llanfair");
    }

    /// <summary>The client has all of it up to there, and a worker that goes on is let go.</summary>
    [Fact]
    public async Task A_stream_that_cannot_become_JSON_is_ended_where_that_is_seen()
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            foreach (var piece in (string[])["{\\\"city\\\":", " \\\"Os", "lo\\\"", " and", " so on"])
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(piece));
            }

            context.RequestAborted.Register(left.SetResult);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, City));

        using var response = await gateway.ChatAsync(Stream);
        var text = await GatewayUnderTest.TextAsync(response);

        text.ShouldStartWith(FakeWorker.Chunk("{\\\"city\\\":") + FakeWorker.Chunk(" \\\"Os"));
        text.ShouldNotContain("so on");
        text.ShouldContain("\"finish_reason\":\"content_filter\"");
        text.ShouldEndWith("\"code\":\"content_filter\"}}\n\n");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("{\\\"city\\\":\\\"Oslo\\\"}", true)]
    [InlineData("{\\\"town\\\":\\\"Oslo\\\"}", false)]
    [InlineData("{\\\"city\\\":", false)]
    public async Task What_a_stream_has_said_is_looked_at_before_its_end_is_passed_on(string content, bool fits)
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(content));
            await FakeWorker.WriteEventAsync(context, """data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, City));

        using var response = await gateway.ChatAsync(Stream);
        var text = await GatewayUnderTest.TextAsync(response);

        text.ShouldStartWith(FakeWorker.Chunk(content));
        text.Contains("\"finish_reason\":\"stop\"", StringComparison.Ordinal).ShouldBe(fits);
        text.Contains("\"finish_reason\":\"content_filter\"", StringComparison.Ordinal).ShouldBe(!fits);
        text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal).ShouldBe(fits);
    }

    [Fact]
    public async Task A_response_is_held_to_it_whole_and_streamed()
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            const string whole = """{"id":"r","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Well."}]},{"type":"message","content":[{"type":"output_text","text":"{\"town\":1}"}]}]}""";
            if (!((string)context.Items[FakeWorker.BodyItem]!).Contains("stream")) // the worker sets it
            {
                await FakeWorker.WriteJsonAsync(context, whole);
                return;
            }

            await FakeWorker.WriteEventAsync(context, """data: {"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"{\"town\":1}"}""" + "\n\n");
            await FakeWorker.WriteEventAsync(context, $$"""data: {"type":"response.completed","response":{{whole}}}""" + "\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, City));

        (await AskAsync("""{"model":"demo-chat","input":"Hi"}""")).ShouldContain("misses 'city'");
        (await AskAsync("""{"model":"demo-chat","input":"Hi","stream":true}""")).ShouldSatisfyAllConditions(text => text.ShouldContain("misses 'city'"), text => text.ShouldNotContain("response.completed"));

        async Task<string> AskAsync(string body)
        {
            using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/responses", json: body));
            return await GatewayUnderTest.TextAsync(response);
        }
    }

    [Fact]
    public async Task A_rule_that_flags_lets_it_pass_and_says_so()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, City with { Action = "flag" }));

        using var response = await gateway.ChatAsync();

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Completion);
        response.Headers.GetValues(Guarding.Header).ShouldBe(["flag:city"]);
    }

    private static Plan With(FakeWorker worker, params GuardrailRule[] rules) => Plan.Chat(worker) with { Guardrails = [new GuardrailRoute("default", null, 1, rules)] };
}
