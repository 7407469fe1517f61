using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Testing.Postgres;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Rulesets;

/// <summary>Agents and published flows under a ruleset that changes after they were saved and published.</summary>
public sealed class RulesetUserTests(PostgresFixture postgres)
{
    private const string Rulesets = $"{Base.Base}/rulesets";
    private const string Chat = "/v1/chat/completions";

    [Theory]
    [InlineData("manners", "Rule: Be kind.")]
    [InlineData("manners@1", "Rule: Be brief.")]
    public async Task A_published_flow_and_its_agent_use_the_newest_version_unless_they_name_one(string named, string told)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<RulesetRequest, RulesetResponse>(Rulesets, new RulesetRequest("manners", ["Be brief."]));
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base.Base}/agents", new AgentRequest("clerk", null, "demo-chat", null, [named], null, null, null, null));
        await PublishAsync(client, Node("m", "model", ("model", "demo-chat"), ("rulesets", named)), "prompt", "by-model");
        await PublishAsync(client, Node("a", "agent", ("agent", "clerk")), "text", "by-agent");
        await client.PutAsync<RulesetRequest, RulesetResponse>($"{Rulesets}/manners", new RulesetRequest(null, ["Be kind."]));

        foreach (var alias in (string[])["by-model", "by-agent"])
        {
            (await (await client.PostAsync(Chat, Question(alias, stream: false))).ReadAsync<JsonElement>()).GetProperty("choices").GetArrayLength().ShouldBe(1);
            builder.Gateway.Seen.Last().Body["messages"]?[0]?["content"]?.GetValue<string>().ShouldBe(told, alias);
        }
    }

    [Fact]
    public async Task A_client_of_a_published_flow_is_streamed_no_word_of_an_answer_that_is_rejected()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<RulesetRequest, RulesetResponse>(
            Rulesets, new RulesetRequest("manners", null, [new RulesetCheck(RulesetCheckKinds.RequiredPattern, @"\[\d+\]"), new RulesetCheck(RulesetCheckKinds.MaximumCharacters, "40")]));
        await PublishAsync(client, Node("m", "model", ("model", "demo-chat"), ("rulesets", "manners")), "prompt", "support");
        builder.Gateway.Answer = _ => $"[1] {new string('x', 40)}";

        using var rejected = await client.PostAsync(Chat, Question("support", stream: true));
        var body = await rejected.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        builder.Gateway.Answer = _ => "It is 8080 [1].";
        var passed = await client.EventsAsync(Chat, Question("support", stream: true));

        rejected.IsSuccessStatusCode.ShouldBeFalse();
        body.ShouldContain("was rejected by check 2 of the ruleset");
        body.ShouldNotContain("xxx");
        string.Concat(passed.Where(each => each.Data.ValueKind == JsonValueKind.Object && each.Data.GetProperty("choices").GetArrayLength() > 0)
            .Select(each => each.Data.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "")).ShouldBe("It is 8080 [1].");
    }

    private static async Task PublishAsync(HttpClient client, FlowNode step, string port, string alias)
    {
        await client.MakeFlowAsync(alias, Around(step, port));
        await client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/{alias}/publish", new PublishRequest(alias, null));
    }

    private static object Question(string alias, bool stream) => new { model = $"flow/{alias}", messages = new[] { new { role = "user", content = "Hello" } }, stream };
}
