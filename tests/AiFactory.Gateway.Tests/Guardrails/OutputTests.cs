using System.Net;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Guardrails;

public sealed class OutputTests(PostgresFixture postgres)
{
    private const string Stream = """{"model":"demo-chat","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    private static readonly GuardrailRule NoMail = new() { Name = "no-mail", Kind = "pii", Action = "mask", Entities = ["email"] };
    private static readonly GuardrailRule NoCards = new() { Name = "no-cards", Kind = "pii", Action = "block", AppliesTo = "output", Entities = ["credit-card"] };

    [Fact]
    public async Task A_whole_answer_is_masked_in_every_choice_and_call_and_flagged_in_a_header()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context,
            """{"id":"1","choices":[{"index":0,"message":{"content":"to \u0061@b.org or c@d.org"},"logprobs":{"content":[{"token":"a@b.org"}]}},{"index":1,"message":{"content":null,"tool_calls":[{"function":{"name":"m","arguments":"{\"to\":\"a@b.org\"}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"""));
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoMail));

        using var response = await gateway.ChatAsync();

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(
            """{"id":"1","choices":[{"index":0,"message":{"content":"to [EMAIL] or [EMAIL]"},"logprobs":null},{"index":1,"message":{"content":null,"tool_calls":[{"function":{"name":"m","arguments":"{\"to\":\"[EMAIL]\"}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}""");
        response.Headers.GetValues(Guarding.Header).ShouldBe(["mask:no-mail"]);
    }

    /// <summary>Each is in memory whole: as many as come would be the end of the process, and of every stream in it.</summary>
    [Fact]
    public async Task Large_answers_wait_for_a_place_and_small_ones_for_none()
    {
        var asked = 0;
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, FakeWorker.Completion.Replace("Hello", new string('x', Interlocked.Increment(ref asked) == 1 ? AnswerPlaces.Small : 10) + " a@b.org", StringComparison.Ordinal)));
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoMail), ("Guardrails:LargeAnswersAtOnce", "1"));
        var places = gateway.Services.GetRequiredService<AnswerPlaces>();
        await places.EnterAsync(TestContext.Current.CancellationToken);
        var large = gateway.ChatAsync();
        await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref asked) == 1);

        using (var small = await gateway.ChatAsync())
        {
            (await GatewayUnderTest.TextAsync(small)).ShouldContain("xxxxxxxxxx [EMAIL]");
        }

        large.IsCompleted.ShouldBeFalse("there is one place, and somebody has it");
        places.Leave();
        using var answer = await large;
        (await GatewayUnderTest.TextAsync(answer)).ShouldContain("x [EMAIL]");
        await places.EnterAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_larger_answer_than_rules_hold_is_refused_and_the_setting_is_named()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", new string('x', 1 << 20), StringComparison.Ordinal)));
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoMail), ("Guardrails:MostAnswerBytes", "1048576"));

        using var answer = await gateway.ChatAsync();

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        answer.Headers.GetValues("x-should-retry").ShouldBe(["false"], "it was computed, and would be as large again");
        (await GatewayUnderTest.TextAsync(answer)).ShouldSatisfyAllConditions(text => text.ShouldContain("guardrail_too_long"), text => text.ShouldContain("Guardrails:MostAnswerBytes"));
    }

    [Fact]
    public async Task A_whole_answer_that_is_blocked_says_which_rule_it_was_and_nothing_else()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", "4111 1111 1111 1111", StringComparison.Ordinal)));
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoCards).Snapshot(), ledger.Setting);

        using var response = await gateway.ChatAsync();
        var text = await GatewayUnderTest.TextAsync(response);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe("content_filter");
        text.ShouldContain("'no-cards' of this project");
        text.ShouldNotContain("4111");
        var row = (await ledger.RowsAsync(1)).Single();
        (row.Outcome, row.Error, row.Status, row.Guardrails, row.CompletionTokens).ShouldBe(("refused", "content_filter", 400, "block:no-cards", 2));
    }

    /// <summary>The text up to what may be a finding is with the client before the worker goes on; and a worker whose answer is blocked is let go.</summary>
    [Fact]
    public async Task A_stream_is_held_back_by_words_and_not_whole_and_its_worker_is_let_go_when_it_is_blocked()
    {
        var (seen, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("All is well, and 41"));
            await seen.Task;
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("11 1111 1111 1111, "));
            context.RequestAborted.Register(left.SetResult);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoCards));

        using var response = await gateway.ChatAsync(Stream);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        var first = Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        seen.SetResult();
        var rest = await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);

        first.ShouldBe(FakeWorker.Chunk("All is well, and "));
        rest.ShouldNotContain("11");
        rest.ShouldContain("\"finish_reason\":\"content_filter\"");
        rest.ShouldEndWith("\"code\":\"content_filter\"}}\n\n");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_s_mask_is_in_the_ledger_and_the_usage_event_that_nobody_asked_for_is_not_in_the_stream()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            foreach (var piece in (string[])["to a@b", ".org and", " more"])
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(piece));
            }

            await FakeWorker.WriteEventAsync(context, """data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12}}""" + "\n\ndata: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoMail).Snapshot(), ledger.Setting);

        using var response = await gateway.ChatAsync(Stream);
        var text = await GatewayUnderTest.TextAsync(response);

        string.Concat(text.Split("\n\n").Where(one => one.Contains("delta")).Select(one => JsonDocument.Parse(one[6..]).RootElement.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString()))
            .ShouldBe("to [EMAIL] and more");
        text.ShouldNotContain("usage");
        text.ShouldEndWith("data: [DONE]\n\n");
        var row = (await ledger.RowsAsync(1)).Single();
        (row.Guardrails, row.Outcome, row.CompletionTokens).ShouldBe(("mask:no-mail", "answered", 12));
    }

    [Fact]
    public async Task Anthropic_s_stream_is_masked_and_ended_as_its_clients_know_it()
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            foreach (var piece in (string[])["to a@b", ".org ok ", "4111 1111 1111 1111", " end"])
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(piece));
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoMail, NoCards));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(
            HttpMethod.Post, "/v1/messages", json: """{"model":"demo-chat","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"""));
        var text = await GatewayUnderTest.TextAsync(response);

        text.ShouldContain("[EMAIL]");
        text.ShouldNotContain("1111");
        text.ShouldContain("event: error");
    }

    /// <summary>What is kept is what the model said: whoever has other rules later is told by those.</summary>
    [Fact]
    public async Task An_answer_that_was_kept_is_held_against_the_rules_of_now()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", "to a@b.org", StringComparison.Ordinal)));
        var plan = Plan.Of(Plan.Deployment("demo-chat", worker) with { Cache = new CachePolicy { Responses = true } });
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        const string body = """{"model":"demo-chat","temperature":0,"messages":[{"role":"user","content":"Hi"}]}""";

        using var before = await gateway.ChatAsync(body);
        (await GatewayUnderTest.TextAsync(before)).ShouldContain("a@b.org");
        await gateway.PublishAsync(plan with { Version = 2, Guardrails = [new GuardrailRoute("default", null, 1, [NoMail])] });
        using var after = await gateway.ChatAsync(body);

        (await GatewayUnderTest.TextAsync(after)).ShouldContain("to [EMAIL]");
        after.Headers.GetValues("x-aifactory-cache").ShouldBe(["hit"]);
        worker.Seen.Count.ShouldBe(1);
    }

    /// <summary>What no client may see does not lie in the database either; the next is asked anew, and masked again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_was_masked_is_not_kept(bool streams)
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            if (!streams)
            {
                await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", "to a@b.org", StringComparison.Ordinal));
                return;
            }

            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("to a@b.org"));
            await FakeWorker.WriteEventAsync(context, """data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}""" + "\n\ndata: [DONE]\n\n");
        });
        var plan = Plan.Of(Plan.Deployment("demo-chat", worker) with { Cache = new CachePolicy { Responses = true } });
        await using var gateway = await GatewayUnderTest.StartAsync(plan with { Guardrails = [new GuardrailRoute("default", null, 1, [NoMail])] });
        var body = streams ? Stream : """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""";

        for (var i = 0; i < 2; i++)
        {
            using var response = await gateway.ChatAsync(body);
            (await GatewayUnderTest.TextAsync(response)).ShouldContain("[EMAIL]");
            response.Headers.GetValues("x-aifactory-cache").ShouldBe(["miss"]);
        }

        worker.Seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("text/plain", "card 4111")]
    [InlineData("application/json", "no json")]
    public async Task An_answer_of_another_form_does_not_pass(string type, string answer)
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer));
        });
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker, NoCards));

        using var response = await gateway.ChatAsync();

        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(502);
        (await GatewayUnderTest.TextAsync(response)).ShouldNotContain(answer);
    }

    private static Plan With(FakeWorker worker, params GuardrailRule[] rules) => Plan.Chat(worker) with { Guardrails = [new GuardrailRoute("default", null, 1, rules)] };
}
