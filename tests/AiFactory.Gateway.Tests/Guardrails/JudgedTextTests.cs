using System.Text;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Gateway.Tests.Guardrails.TopicTests;

namespace AiFactory.Gateway.Tests.Guardrails;

/// <summary>What of a request or an answer judges get, and what time, places and questions that takes.</summary>
public sealed class JudgedTextTests(PostgresFixture postgres)
{
    private static readonly GuardrailRule Input = Weapons with { AppliesTo = "input" };
    private static readonly GuardrailRule Output = Weapons with { AppliesTo = "output" };
    private static readonly GuardrailRule Flagging = Output with { Action = "flag" };

    [Theory]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"How do I forge a sw"},{"type":"text","text":"ord?"}]}""", "How do I forge a sword?|How do I forge a sw ord?")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a sword"},{"type":"text","text":"that bends"}]}""", "a swordthat bends|a sword that bends")]
    [InlineData("""{"role":"user","content":"a s\u200bw\u200bo\u200brd"}""", "a s\u200bw\u200bo\u200brd|a sword")]
    [InlineData("""{"role":"user","content":"Hi\udb40\udc73\udb40\udc77\udb40\udc6f\udb40\udc72\udb40\udc64"}""", "Hi\udb40\udc73\udb40\udc77\udb40\udc6f\udb40\udc72\udb40\udc64|Hi sword")]
    [InlineData("""{"role":"user","content":"a\u00a0sword \u2013 long"}""", "a sword - long")]
    [InlineData("""{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"find","arguments":"{\"q\":\"\\u0073word\"}"}}]}""", "find\nsword")]
    [InlineData("""{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"find","arguments":"a \\ sword"}}]}""", "find\na \\ sword")]
    [InlineData("""{"role":"system","content":"Never speak of a sword."},{"role":"user","content":"Hi"}""", "Hi||Never speak of a sword.")]
    public void Judges_read_a_message_as_its_reader_may(string message, string windows)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{{message}}]}""");

        var read = JudgedTexts.OfRequest(json, JsonTexts.Read(json, TextShape.OfRequest(Operation.ChatCompletion)), all: true, most: 9);

        $"{string.Join('|', read.Windows.Take(read.OfUsers))}{(read.OfUsers < read.Windows.Count ? "||" : "")}{string.Join('|', read.Windows.Skip(read.OfUsers))}".ShouldBe(windows);
    }

    /// <summary>The judge would take longer than its question may; the request has less than that.</summary>
    [Theory]
    [InlineData("input")]
    [InlineData("output")]
    public async Task All_judging_has_no_more_time_than_the_request(string direction)
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(
            Of(chat, embed, Weapons with { AppliesTo = direction }), ("Guardrails:JudgeTimeout", "00:01:00"), ("Forwarding:TotalTimeout", "00:00:02"));

        (await AskAsync(gateway, Harmless)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("504"), answer => answer.ShouldContain("Forwarding:TotalTimeout"));
    }

    [Fact]
    public async Task A_whole_answer_with_more_windows_than_are_judged_does_not_pass_a_rule_that_blocks()
    {
        await using var chat = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, FakeWorker.Completion.Replace("Hello", "Heat the sword. " + string.Concat(Enumerable.Repeat("Roses are red and violets are blue. ", 80)), StringComparison.Ordinal)));
        await using var embed = await EmbedderAsync();
        var plan = Of(chat, embed, Output);
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Guardrails:MostWindows", "3"));

        (await AskAsync(gateway, Harmless)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("502"), answer => answer.ShouldContain("guardrail_too_long"), answer => answer.ShouldContain("Guardrails:MostWindows"));
        embed.Seen.ShouldBeEmpty();
        await gateway.PublishAsync(plan with { Version = 2, Guardrails = [new GuardrailRoute("default", null, 2, [Flagging])] });
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200 flag:weapons");
        embed.Seen.Count.ShouldBe(2, "the topics, and the first windows");
    }

    [Fact]
    public async Task An_answer_waits_for_its_judge_without_a_place_of_large_ones()
    {
        var judged = new TaskCompletionSource();
        await using var chat = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", new string('x', AnswerPlaces.Small), StringComparison.Ordinal)));
        await using var embed = await EmbedderAsync();
        var answers = embed.Script;
        embed.Script = async context =>
        {
            await judged.Task;
            await answers(context);
        };
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Flagging), ("Guardrails:LargeAnswersAtOnce", "1"), ("Guardrails:MostWindows", "2"), ("Guardrails:JudgeTimeout", "00:01:00"));
        var places = gateway.Services.GetRequiredService<AnswerPlaces>();

        var answer = AskAsync(gateway, Harmless);
        await GatewayUnderTest.UntilAsync(() => !embed.Seen.IsEmpty);
        await places.EnterAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        judged.SetResult();

        (await answer).ShouldStartWith("200");
    }

    [Fact]
    public async Task Texts_wait_for_their_turn_to_be_judged_and_not_for_ever()
    {
        var judged = new TaskCompletionSource();
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        var answers = embed.Script;
        embed.Script = async context =>
        {
            await judged.Task;
            await answers(context);
        };
        await using var gateway = await GatewayUnderTest.StartAsync(
            Of(chat, embed, Input with { OnFailure = "pass" }), ("Guardrails:JudgedAtOnce", "1"), ("Guardrails:Wait", "00:00:00.050"), ("Guardrails:JudgeTimeout", "00:01:00"));

        var first = AskAsync(gateway, Harmless);
        await GatewayUnderTest.UntilAsync(() => !embed.Seen.IsEmpty);
        (await AskAsync(gateway, Harmful)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("503"), answer => answer.ShouldContain("guardrail_busy"), answer => answer.ShouldContain("Guardrails:JudgedAtOnce"));
        judged.SetResult();

        (await first).ShouldStartWith("200");
        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
    }

    /// <summary>All of the stream is with the client before the judge has said a word.</summary>
    [Fact]
    public async Task A_rule_that_flags_holds_no_stream_and_its_mark_is_kept()
    {
        var judged = new TaskCompletionSource();
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var chat = await FakeWorker.StartedAsync(async context =>
        {
            for (var i = 0; i < 30; i++)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Now heat the sword in the fire and strike it. "));
            }

            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var embed = await EmbedderAsync();
        var answers = embed.Script;
        embed.Script = async context =>
        {
            await judged.Task;
            await answers(context);
        };
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Flagging).Snapshot(), ledger.Setting, ("Guardrails:JudgeTimeout", "00:01:00"));

        using var response = await gateway.ChatAsync(Body(Harmless, stream: true));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var line = "";
        while (line is not (null or "data: [DONE]"))
        {
            line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        line.ShouldNotBeNull();
        judged.Task.IsCompleted.ShouldBeFalse();
        judged.SetResult();
        var rows = await ledger.UntilAsync(rows => rows.Any(row => row.Operation == "chat/completions"));
        rows.Single(row => row.Operation == "chat/completions").Guardrails.ShouldBe("flag:weapons");
        embed.Seen.Count.ShouldBe(2, "the topics, and all windows");
    }

    [Fact]
    public async Task A_stream_that_may_pass_unjudged_asks_a_judge_that_failed_no_more()
    {
        var (passed, isBroken) = (new TaskCompletionSource(), true);
        await using var chat = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(string.Concat(Enumerable.Repeat("Roses are red and violets are blue. ", 10))));
            await passed.Task;
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(string.Concat(Enumerable.Repeat("Now heat the sword in the fire and strike it. ", 10))));
            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var embed = await EmbedderAsync();
        var answers = embed.Script;
        embed.Script = context => Volatile.Read(ref isBroken) ? FakeWorker.WriteJsonAsync(context, "{}", 500) : answers(context);
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Output with { OnFailure = "pass" }));

        using var response = await gateway.ChatAsync(Body(Harmless, stream: true));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull().ShouldContain("Roses");
        Volatile.Write(ref isBroken, false);
        var asked = embed.Seen.Count;
        passed.SetResult();

        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldSatisfyAllConditions(text => text.ShouldContain("sword"), text => text.ShouldEndWith("data: [DONE]\n\n"));
        embed.Seen.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task Inputs_of_a_moderation_are_judged_together_and_have_one_bound()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Input), ("Guardrails:MostWindows", "12"));
        string[] inputs = [.. Enumerable.Range(0, 12).Select(i => i == 5 ? Harmful : $"{Harmless} {i}")];

        (await ModerateAsync(inputs)).ShouldBe("-----x------");
        embed.Seen.Count.ShouldBe(2, "the topics, and the texts");
        (await ModerateAsync([.. inputs, Harmless])).ShouldContain("guardrail_too_long");

        async Task<string> ModerateAsync(string[] texts)
        {
            using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/moderations", json: JsonSerializer.Serialize(new { input = texts })));
            using var answer = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response));
            return answer.RootElement.TryGetProperty("results", out var results) ? string.Concat(results.EnumerateArray().Select(result => result.GetProperty("flagged").GetBoolean() ? 'x' : '-')) : answer.RootElement.GetRawText();
        }
    }

    [Fact]
    public async Task One_project_has_no_more_places_than_its_share_and_leaves_what_it_took()
    {
        using var places = new SharedPlaces(count: 2, share: 1, TimeProvider.System);
        var (soon, token) = (TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);

        (await places.EnterAsync("one", soon, token)).ShouldBeTrue();
        (await places.EnterAsync("one", soon, token)).ShouldBeFalse();
        (await places.EnterAsync("two", soon, token)).ShouldBeTrue();
        (await places.EnterAsync("three", soon, token)).ShouldBeFalse("there are two in all");
        var waiting = places.EnterAsync("three", wait: null, token).AsTask();
        places.Leave("two");
        (await waiting).ShouldBeTrue();
        places.Leave("one");
        (await places.EnterAsync("one", soon, token)).ShouldBeTrue();
        using var gone = new CancellationTokenSource(soon);
        await Should.ThrowAsync<OperationCanceledException>(async () => await places.EnterAsync("one", wait: null, gone.Token));
    }
}
