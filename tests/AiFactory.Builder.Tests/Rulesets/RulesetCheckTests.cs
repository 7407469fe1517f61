using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Builder.Rulesets.Checks;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Postgres;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Rulesets;

public sealed class RulesetCheckTests(PostgresFixture postgres)
{
    private const string Rulesets = $"{Base.Base}/rulesets";
    private const string Rejected = "The answer was rejected by check 2 of the ruleset 'manners', version 1";
    private const string Error = $"{Rejected}: it must have none of the words: refund, money back.";

    private static readonly FlowGraph Checked = Around(Node("m", "model", ("model", "demo-chat"), ("rulesets", "manners")), "prompt");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RulesetCheckKinds.ForbiddenWords, "art, C++", "A party of artists.", true)]
    [InlineData(RulesetCheckKinds.ForbiddenWords, "art, C++", "The ART: of it.", false)]
    [InlineData(RulesetCheckKinds.ForbiddenWords, "art, C++", "Party art", false)]
    [InlineData(RulesetCheckKinds.ForbiddenWords, "art, C++", "Use c++20.", false)]
    [InlineData(RulesetCheckKinds.ForbiddenPattern, @"\d{4}", "The code is 4711.", false)]
    [InlineData(RulesetCheckKinds.ForbiddenPattern, @"\d{4}", "The code is secret.", true)]
    [InlineData(RulesetCheckKinds.RequiredPattern, @"\[\d+\]", "On 8080 [1].", true)]
    [InlineData(RulesetCheckKinds.RequiredPattern, @"\[\d+\]", "On 8080.", false)]
    [InlineData(RulesetCheckKinds.MaximumCharacters, "3", "💡💡💡", true)]
    [InlineData(RulesetCheckKinds.MaximumCharacters, "3", "four", false)]
    public void A_check_lets_an_answer_pass_or_not(string kind, string value, string answer, bool passes) =>
        CheckKinds.All[kind].Allows(value, answer).ShouldBe(passes);

    [Fact]
    public async Task What_is_wrong_with_a_ruleset_names_the_rule_and_the_check_by_its_number()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var request = new RulesetRequest(
            "manners",
            ["Be kind.", " "],
            [
                new RulesetCheck(RulesetCheckKinds.MaximumCharacters, "0"), new RulesetCheck(RulesetCheckKinds.ForbiddenWords, " , "), new RulesetCheck(RulesetCheckKinds.RequiredPattern, "(a"),
                new RulesetCheck(RulesetCheckKinds.ForbiddenPattern, "(?=a)"), new RulesetCheck("model", "x"), new RulesetCheck(RulesetCheckKinds.ForbiddenPattern, null),
            ],
            "ignore");

        using var response = await client.PostAsync(Rulesets, request);

        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").EnumerateObject().ToDictionary(error => error.Name, error => error.Value[0].GetString() ?? "");
        errors["rules[1]"].ShouldBe("Rule 2 must have 1 to 1000 characters.");
        errors["onViolation"].ShouldBe("Use 'reject' or 'retry'.");
        errors["checks[0]"].ShouldBe("Check 1: use a number from 1 to 1000000.");
        errors["checks[1]"].ShouldBe("Check 2: name the words, with commas between them.");
        errors["checks[2]"].ShouldStartWith("Check 3: this is no regular expression that can be used: ");
        errors["checks[3]"].ShouldStartWith("Check 4: this is no regular expression that can be used: ");
        errors["checks[4]"].ShouldBe("Check 5: its kind is one of forbidden_pattern, forbidden_words, max_characters, required_pattern.");
        errors["checks[5]"].ShouldBe("Check 6: its value must have 1 to 1000 characters.");
        errors.Count.ShouldBe(8);
    }

    [Fact]
    public async Task An_answer_that_violates_a_check_fails_its_step_once_and_nobody_was_shown_a_word_of_it()
    {
        await using var builder = await WithRulesetAsync(RulesetViolations.Reject, "You get a refund at once.");
        using var client = builder.Developer();
        await client.MakeFlowAsync("ask", Checked);

        var events = await AskAsync(client, "flow:ask");

        events.ShouldNotContain(each => each.Type == ThreadEvents.Delta);
        events[^1].Data.GetProperty("problem").GetProperty("detail").GetString().ShouldNotBeNull().ShouldEndWith($"{Rejected}.");
        var run = await client.RunAsync(Checked);
        (run.State, run.Steps.ShouldNotBeNull()[1].Attempt).ShouldBe((RunStates.Failed, 1));
        run.Error.ShouldNotBeNull().ShouldEndWith($"{Rejected}.");
        builder.Gateway.Seen.Count.ShouldBe(2);
    }

    /// <summary>Who called read the whole list of forbidden words.</summary>
    [Theory]
    [InlineData("model")]
    [InlineData("agent")]
    public async Task Who_calls_a_published_flow_learns_which_check_it_was_and_its_author_what_it_says(string step)
    {
        await using var builder = await WithRulesetAsync(RulesetViolations.Reject, "You get a refund at once.");
        using var client = builder.Developer();
        await MakeAgentAsync(client);
        await client.MakeFlowAsync("ask", step == "model" ? Checked : Around(Node("m", "agent", ("agent", "clerk")), "text"));
        await client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/ask/publish", new PublishRequest("support", null));

        using var response = await client.PostAsync("/v1/chat/completions", new { model = "flow/support", messages = new[] { new { role = "user", content = "I want my money." } } });

        var message = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("message").GetString().ShouldNotBeNull();
        message.ShouldContain($"{Rejected}.");
        message.ShouldNotContain("refund");
        var run = (await client.GetAsync<Page<RunSummary>>($"{Base.Base}/runs")).Items.ShouldHaveSingleItem();
        var failed = (await client.FollowAsync(run.Id).ToListAsync(Token)).Single(happened => happened.Type == RunEventTypes.StepFailed);
        failed.Data.ShouldNotBeNull().GetProperty("error").GetString().ShouldBe(Error);
    }

    [Fact]
    public async Task A_model_that_may_answer_again_is_told_what_was_wrong_and_only_what_passes_is_shown()
    {
        await using var builder = await WithRulesetAsync(RulesetViolations.Retry, "You get your Money Back.", "It will be looked at.");
        using var client = builder.Developer();
        await client.MakeFlowAsync("ask", Checked);

        var events = await AskAsync(client, "flow:ask");

        Shown(events).ShouldBe("It will be looked at.");
        var message = events[^1].Data.GetProperty("message");
        message.GetProperty("content").GetString().ShouldBe("It will be looked at.");
        builder.Gateway.Seen.Last().Body["messages"]?.AsArray().TakeLast(2).Select(each => (each?["role"]?.GetValue<string>(), each?["content"]?.GetValue<string>())).ShouldBe(
            [("assistant", "You get your Money Back."), ("user", "Your answer was rejected: it must have none of the words: refund, money back. Answer again.")]);
        var run = await client.GetAsync<RunResponse>($"{Base.Base}/runs/{message.GetProperty("runId").GetGuid()}");
        run.Steps.ShouldNotBeNull()[1].Output.ShouldNotBeNull().GetProperty("usage").GetProperty("promptTokens").GetInt32().ShouldBe(14);
    }

    [Theory]
    [InlineData(RulesetViolations.Reject, 1)]
    [InlineData(RulesetViolations.Retry, 2)]
    public async Task An_agent_s_answer_is_rejected_at_once_or_the_second_time(string onViolation, int asked)
    {
        await using var builder = await WithRulesetAsync(onViolation, "You get a refund.", "You still get a refund.");
        using var client = builder.Developer();
        await MakeAgentAsync(client);

        var events = await AskAsync(client, "agent:clerk");

        var problem = events.ShouldHaveSingleItem().Data.GetProperty("problem");
        (problem.GetProperty("code").GetString(), problem.GetProperty("detail").GetString()).ShouldBe(("ruleset_violated", Error));
        builder.Gateway.Seen.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task An_agent_that_may_answer_again_does_so_even_in_its_last_step()
    {
        await using var builder = await WithRulesetAsync(RulesetViolations.Retry, "You get a refund.", "Let us see.");
        using var client = builder.Developer();
        await MakeAgentAsync(client);

        var events = await AskAsync(client, "agent:clerk");

        Shown(events).ShouldBe("Let us see.");
        events[^1].Data.GetProperty("message").GetProperty("content").GetString().ShouldBe("Let us see.");
        builder.Gateway.Seen.First().Body["messages"]?[0]?["content"]?.GetValue<string>().ShouldBe("Rule: Be kind.");
    }

    /// <summary>A builder with the ruleset <c>manners</c>, whose second check forbids two phrases.</summary>
    private async Task<BuilderUnderTest> WithRulesetAsync(string onViolation, params object[] answers)
    {
        var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest(
            "manners",
            ["Be kind."],
            [new RulesetCheck(RulesetCheckKinds.MaximumCharacters, "100"), new RulesetCheck(RulesetCheckKinds.ForbiddenWords, "refund, money back")],
            onViolation));
        return ModelScript.Play(builder, answers);
    }

    private static Task<AgentResponse> MakeAgentAsync(HttpClient client) => client.PostAsync<AgentRequest, AgentResponse>(
        $"{Base.Base}/agents", new AgentRequest("clerk", null, "demo-chat", null, ["manners"], null, null, MaxSteps: 1, null));

    private static async Task<IReadOnlyList<(string Type, JsonElement Data)>> AskAsync(HttpClient client, string target)
    {
        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base.Base}/threads", new ThreadRequest(null, target));
        return await client.EventsAsync($"{Base.Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("I want my money."));
    }

    private static string Shown(IReadOnlyList<(string Type, JsonElement Data)> events) =>
        string.Concat(events.Where(each => each.Type == ThreadEvents.Delta).Select(each => each.Data.GetProperty("text").GetString()));
}
