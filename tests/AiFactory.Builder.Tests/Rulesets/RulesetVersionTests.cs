using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Postgres;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Rulesets;

public sealed class RulesetVersionTests(PostgresFixture postgres)
{
    private const string Rulesets = $"{Base.Base}/rulesets";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_save_is_a_version_that_stays_and_a_name_that_is_given_anew_goes_on_counting()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        using var grace = builder.Client("user:grace", "default", AiFactory.ServiceDefaults.Identity.Roles.Developer);

        var first = await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest("manners", ["Be brief."]));
        var second = await grace.PutAsync<RulesetRequest, RulesetResponse>(
            $"{Rulesets}/manners", new RulesetRequest(null, [], [new RulesetCheck(RulesetCheckKinds.MaximumCharacters, "20")], RulesetViolations.Retry));

        (first.Version, first.Checks.Count, first.OnViolation).ShouldBe((1, 0, RulesetViolations.Reject));
        (second.Version, second.Rules.Count, second.OnViolation, second.CreatedBy).ShouldBe((2, 0, RulesetViolations.Retry, "user:ada"));
        (await client.GetAsync<RulesetResponse>($"{Rulesets}/manners")).ShouldBeEquivalentTo(second);
        var versions = (await client.GetAsync<Page<RulesetVersionResponse>>($"{Rulesets}/manners/versions")).Items;
        versions.Select(version => (version.Version, version.CreatedBy, version.OnViolation)).ShouldBe([(2, "user:grace", RulesetViolations.Retry), (1, "user:ada", RulesetViolations.Reject)]);
        versions[0].Checks.ShouldBe([new RulesetCheck(RulesetCheckKinds.MaximumCharacters, "20")]);
        versions[1].Rules.ShouldBe(["Be brief."]);
        (await client.GetAsync<Page<RulesetVersionResponse>>($"{Rulesets}/manners/versions?limit=1")).Next.ShouldBe("2");
        (await client.GetAsync<Page<RulesetVersionResponse>>($"{Rulesets}/manners/versions?limit=1&after=2")).Items.ShouldHaveSingleItem().Version.ShouldBe(1);

        (await client.DeleteAsync(new Uri($"{Rulesets}/manners", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest("manners", ["Be kind."]))).Version.ShouldBe(3);
        (await client.GetAsync<Page<RulesetVersionResponse>>($"{Rulesets}/manners/versions")).Items.Select(version => version.Version).ShouldBe([3, 2, 1]);
        (await (await client.GetAsync(new Uri($"{Rulesets}/none/versions", UriKind.Relative), Token)).ProblemAsync()).Status.ShouldBe(404);
        (await (await client.PutAsJsonAsync($"{Rulesets}/none", new RulesetRequest(null, ["Be kind."]), Token)).ProblemAsync()).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_step_uses_the_newest_version_unless_it_names_one_and_the_event_and_the_trace_say_which()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BuilderTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest("manners", ["Be brief."]));
        await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest("legal", ["Promise nothing."]));
        await client.MakeFlowAsync("newest", Around(Node("m", "model", ("model", "demo-chat"), ("system", "Be a clerk."), ("rulesets", "manners, legal")), "prompt"));
        await client.MakeFlowAsync("first", Around(Node("m", "model", ("model", "demo-chat"), ("rulesets", "manners@1")), "prompt"));
        (await RunAsync("newest")).ShouldBe(("Be a clerk.\nRule: Be brief.\nRule: Promise nothing.", "manners@1 legal@1"));

        await client.PutAsync<RulesetRequest, RulesetResponse>($"{Rulesets}/manners", new RulesetRequest(null, ["Be kind."]));

        (await RunAsync("newest")).ShouldBe(("Be a clerk.\nRule: Be kind.\nRule: Promise nothing.", "manners@2 legal@1"));
        (await RunAsync("first")).ShouldBe(("Rule: Be brief.", "manners@1"));

        async Task<(string? Told, string Versions)> RunAsync(string flow)
        {
            var run = await client.EndedRunAsync((await client.StartRunAsync(flow, new { text = "Hello" })).Id);
            run.State.ShouldBe(RunStates.Succeeded, run.Error);
            var events = await client.FollowAsync(run.Id).ToListAsync(Token);
            var finished = events.Single(happened => happened.Type == RunEventTypes.StepFinished && happened.Node == "m").Data.ShouldNotBeNull();
            var versions = string.Join(' ', finished.GetProperty("rulesets").EnumerateArray().Select(each => each.GetString()));
            var span = spans.Single(each => each.OperationName == "step model" && Equals(each.GetTagItem("aifactory.run.id"), run.Id));
            string.Join(' ', span.GetTagItem("aifactory.rulesets").ShouldBeOfType<string[]>()).ShouldBe(versions);
            return (builder.Gateway.Seen.Last().Body["messages"]?[0]?["content"]?.GetValue<string>(), versions);
        }
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_said_when_an_agent_is_saved_and_when_a_step_runs_and_one_that_is_held_is_not_deleted()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest("manners", ["Be brief."]));
        var agent = new AgentRequest("clerk", null, "demo-chat", null, ["manners@2", "manners@01"], null, null, null, null);

        using var refused = await client.PostAsync($"{Base.Base}/agents", agent);
        var complaints = (await refused.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").GetProperty("rulesets").EnumerateArray().Select(each => each.GetString());
        var run = await client.RunAsync(Around(Node("m", "model", ("model", "demo-chat"), ("rulesets", "manners@2")), "prompt"));
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base.Base}/agents", agent with { Rulesets = ["manners@1"] });
        using var kept = await client.DeleteAsync(new Uri($"{Rulesets}/manners", UriKind.Relative), Token);

        complaints.ShouldBe(["There is no ruleset 'manners@2'.", "There is no ruleset 'manners@01'."]);
        run.Error.ShouldNotBeNull().ShouldContain("There is no ruleset 'manners@2'.");
        builder.Gateway.Seen.ShouldBeEmpty();
        (await kept.ProblemAsync()).ShouldBe((409, "The ruleset 'manners' is used by the agents clerk."));
    }
}
