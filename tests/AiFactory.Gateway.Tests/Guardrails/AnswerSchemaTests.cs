using System.Net;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.Extensions.Options;

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

    /// <summary>What is content is the same whole and streamed: parts of a choice are one text, each text of a response is one, and what comes behind an end is none of any.</summary>
    [Theory]
    [InlineData("a part that does not fit", false, false, """{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"{\"town\":1}"}]}}]}""", """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""")]
    [InlineData("two parts of one text", false, true, """{"choices":[{"index":0,"delta":{"content":[{"type":"text","index":0,"text":"{\"city\":"}]}}]}""", """{"choices":[{"index":0,"delta":{"content":[{"type":"text","index":1,"text":"\"Oslo\"}"}]}}]}""", """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""")]
    [InlineData("more behind the end", false, false, """{"choices":[{"index":0,"delta":{"content":"{\"city\":\"Oslo\"}"},"finish_reason":"stop"}]}""", """{"choices":[{"index":0,"delta":{"content":" and more"}}]}""")]
    [InlineData("white space behind the end", false, true, """{"choices":[{"index":0,"delta":{"content":"{\"city\":\"Oslo\"}"},"finish_reason":"stop"}]}""", """{"choices":[{"index":0,"delta":{"content":"\n"}}]}""", """{"choices":[],"usage":{"total_tokens":1}}""")]
    [InlineData("an item that never came in pieces", true, false, """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"{\"city\":\"Oslo\"}"}""", """{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"{\"town\":1}"}]}}""")]
    [InlineData("a response that ends before its end", true, false, """{"type":"response.incomplete","response":{"id":"r","output":[{"type":"message","content":[{"type":"output_text","text":"{\"town\":1}"}]}]}}""")]
    [InlineData("another text at the end", true, false, """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"{\"city\":\"Oslo\"}"}""", """{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"{\"town\":1}"}""")]
    [InlineData("two texts of one item", true, true, """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"{\"city\":\"Oslo\"}"}""", """{"type":"response.output_text.delta","output_index":0,"content_index":1,"delta":"{\"city\":\"Rome\"}"}""", """{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"{\"city\":\"Oslo\"}"},{"type":"output_text","text":"{\"city\":\"Rome\"}"}]}}""")]
    public void Nothing_that_is_content_comes_past_the_form_of_a_stream(string what, bool isResponse, bool fits, params string[] events)
    {
        var stream = string.Concat(events.Select(one => $"data: {one}\n\n")) + (isResponse ? "" : "data: [DONE]\n\n");
        var output = AnswerStreamTests.Run(isResponse ? Operation.Response : Operation.ChatCompletion, [City], [Encoding.UTF8.GetBytes(stream)], out var error);

        (error?.Body.Code).ShouldBe(fits ? null : "content_filter", what);
        output.Contains(events[^1], StringComparison.Ordinal).ShouldBe(fits, what);
    }

    /// <summary>Two texts of one item are two documents when it comes whole, as they are in a stream.</summary>
    [Theory]
    [InlineData("""{"output":[{"type":"message","content":[{"type":"output_text","text":"{\"city\":\"Oslo\"}"},{"type":"output_text","text":"{\"city\":\"Rome\"}"}]}]}""", true)]
    [InlineData("""{"output":[{"type":"message","content":[{"type":"output_text","text":"{\"city\":"},{"type":"output_text","text":"\"Rome\"}"}]}]}""", false)]
    public void Each_text_of_a_response_is_one(string answer, bool fits)
    {
        using var guarding = AnswerStreamTests.Guard(Operation.Response, City);
        guarding.Answers!.Take(Encoding.UTF8.GetBytes(answer)); // there is a rule

        guarding.Answers.Make().Error.ShouldSatisfyAllConditions(error => (error is null).ShouldBe(fits));
    }

    /// <summary>.NET's readers of numbers throw where the exponent is too large for them.</summary>
    [Theory]
    [InlineData("""{"maximum":5}""")]
    [InlineData("""{"enum":[1]}""")]
    public async Task A_number_that_nobody_can_hold_is_a_fault_like_others(string schema)
    {
        const string chunk = """data: {"id":"1","choices":[{"index":0,"delta":{"content":"{\"n\":1e99999999999}"}}]}""" + "\n\n";
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            if (((string)context.Items[FakeWorker.BodyItem]!).Contains("stream")) // the worker sets it
            {
                await FakeWorker.WriteEventAsync(context, chunk);
                await FakeWorker.WriteEventAsync(context, """data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n");
                return;
            }

            await FakeWorker.WriteJsonAsync(context, """{"id":"1","choices":[{"index":0,"message":{"content":"{\"n\":1e99999999999}"}}]}""");
        });
        var form = City with { Schema = JsonDocument.Parse($$"""{"properties":{"n":{{schema}} } }""").RootElement };
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, form));

        using var whole = await gateway.ChatAsync();
        using var streamed = await gateway.ChatAsync(Stream);

        (whole.StatusCode, await GatewayUnderTest.TextAsync(whole)).ShouldSatisfyAllConditions(answer => answer.Item1.ShouldBe(HttpStatusCode.BadRequest), answer => answer.Item2.ShouldContain("$.n is"));
        (await GatewayUnderTest.TextAsync(streamed)).ShouldSatisfyAllConditions(text => text.ShouldStartWith(chunk), text => text.ShouldContain("$.n is"), text => text.ShouldEndWith("\"code\":\"content_filter\"}}\n\n"));
    }

    /// <summary>However long it would take: who has left ends it.</summary>
    [Fact]
    public void Nothing_is_held_to_a_form_for_a_client_who_has_left()
    {
        var policy = GuardrailCompiler.Compile(EntityTests.Route(City), complaint => throw new InvalidOperationException(complaint));
        using var guarding = new Guarding(policy, new Findings("p"), _ => { }) { Left = new CancellationToken(canceled: true) };
        guarding.ExpectAnswer(Operation.ChatCompletion);
        guarding.Answers!.Take("""{"choices":[{"message":{"content":"{}"}}]}"""u8); // there is a rule

        Should.Throw<OperationCanceledException>(() => guarding.Answers.Make());
    }

    /// <summary>A long text is looked at whole with the piece that ends it: as many at once as there are places for such.</summary>
    [Fact]
    public async Task A_long_stream_that_has_to_fit_waits_for_its_turn()
    {
        var options = Options.Create(new GuardrailOptions());
        using var longTexts = new LongTexts(options, TimeProvider.System);
        using var places = new AnswerPlaces(longTexts, options);
        var policy = GuardrailCompiler.Compile(EntityTests.Route(City), complaint => throw new InvalidOperationException(complaint));
        using var guarding = new Guarding(policy, new Findings("p"), _ => { });
        guarding.ExpectAnswer(Operation.ChatCompletion, places);
        var guard = guarding.Answers!; // there is a rule
        var busy = 0;
        for (; busy < Math.Max(1, Environment.ProcessorCount / 2); busy++)
        {
            await longTexts.EnterWithAnswerAsync(TestContext.Current.CancellationToken);
        }

        var begins = guard.PassAsync(Encoding.UTF8.GetBytes(FakeWorker.Chunk($"{{\\\"city\\\":\\\"{new string('x', LongTexts.Shortest)}")), TestContext.Current.CancellationToken);
        begins.IsCompleted.ShouldBeTrue("it was short before");
        (await begins).IsEmpty.ShouldBeFalse();
        var ends = guard.PassAsync("data: [DONE]\n\n"u8.ToArray(), TestContext.Current.CancellationToken).AsTask();
        ends.IsCompleted.ShouldBeFalse();
        longTexts.Leave();
        (await ends).IsEmpty.ShouldBeFalse();

        guard.Stream.Error.ShouldNotBeNull().Body.Message.ShouldContain("is no JSON");
        await longTexts.EnterWithAnswerAsync(TestContext.Current.CancellationToken);
        for (; busy > 0; busy--)
        {
            longTexts.Leave();
        }
    }

    /// <summary>One that was saved before there was a bound: the gateway starts, and what the rule is for does not pass.</summary>
    [Fact]
    public void A_policy_whose_patterns_take_too_much_memory_is_not_made()
    {
        var patterns = string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"{(char)(0x4E00 + i)}{{999}}\":true"));
        var large = City with { Schema = JsonDocument.Parse($$"""{"patternProperties":{ {{patterns}} },"additionalProperties":false}""").RootElement };
        var refused = new List<string>();

        var policy = GuardrailCompiler.Compile(EntityTests.Route([.. Enumerable.Range(0, 50).Select(i => large with { Name = $"city-{i}" })]), refused.Add);

        policy.Unusable.ShouldNotBeNull();
        policy.Schemas.Length.ShouldBeInRange(10, 20);
        refused.ShouldAllBe(why => why.Contains("takes more memory"));
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
