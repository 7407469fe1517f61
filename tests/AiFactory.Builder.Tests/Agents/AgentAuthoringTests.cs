using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

namespace AiFactory.Builder.Tests.Agents;

/// <summary>Agents, tools and rulesets as their authors keep them.</summary>
public sealed class AgentAuthoringTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default";

    private static readonly RulesetRequest Ruleset = new("manners", ["Be brief."]);
    private static readonly AgentRequest Agent = new("clerk", "Answers.", "demo-chat", "Be a clerk.", ["manners"], ["weather"], ["handbook"], 4, 30);

    private static readonly ToolRequest Tool = new(
        "weather", "The weather.", JsonSerializer.Deserialize<JsonElement>("""{"type":"object","properties":{"city":{}}}"""), "http", "post", "https://a.example/{city}",
        new Dictionary<string, string> { ["x-unit"] = "celsius" }, 5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_is_read_replaced_and_deleted()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await WithAllAsync(builder);

        var agent = await client.GetAsync<AgentResponse>($"{Base}/agents/clerk");
        agent.Tools.ShouldBe(["weather"]);
        agent.KnowledgeBases.ShouldBe(["handbook"]);
        (agent.MaxSteps, agent.MaxSeconds, agent.CreatedBy).ShouldBe((4, 30, "user:ada"));
        var tool = (await client.GetAsync<Page<ToolResponse>>($"{Base}/tools")).Items.Single();
        (tool.Method, tool.TimeoutSeconds, tool.Headers["x-unit"]).ShouldBe(("POST", 5, "celsius"));

        using var replaced = await client.PutAsJsonAsync($"{Base}/agents/clerk", Agent with { Name = null, Instructions = "Be another.", Tools = null, MaxSteps = null }, Token);
        var newer = await replaced.ReadAsync<AgentResponse>();
        (newer.Instructions, newer.MaxSteps, newer.Tools.Count, newer.CreatedAt).ShouldBe(("Be another.", 8, 0, agent.CreatedAt));

        (await client.DeleteAsync(new Uri($"{Base}/tools/weather", UriKind.Relative), Token)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        (await client.DeleteAsync(new Uri($"{Base}/agents/clerk", UriKind.Relative), Token)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        (await client.GetAsync<Page<AgentResponse>>($"{Base}/agents")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_agent_holds_on_to_cannot_be_deleted()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await WithAllAsync(builder);

        using var tool = await client.DeleteAsync(new Uri($"{Base}/tools/weather", UriKind.Relative), Token);
        using var ruleset = await client.DeleteAsync(new Uri($"{Base}/rulesets/manners", UriKind.Relative), Token);

        (await tool.ProblemAsync()).ShouldBe((409, "The tool 'weather' is used by the agents clerk."));
        (await ruleset.ProblemAsync()).ShouldBe((409, "The ruleset 'manners' is used by the agents clerk."));
    }

    [Fact]
    public async Task Another_projects_are_not_there()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await WithAllAsync(builder);
        using var other = builder.Developer("other");

        using var foreign = await other.GetAsync(new Uri($"{Base}/agents/clerk", UriKind.Relative), Token);
        using var own = await other.GetAsync(new Uri("/api/builder/projects/other/agents/clerk", UriKind.Relative), Token);

        ((int)foreign.StatusCode).ShouldBe(403);
        ((int)own.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task A_viewer_reads_a_tool_but_not_its_headers_and_writes_nothing()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await WithAllAsync(builder);
        using var viewer = builder.Client("user:vera", "default", Roles.Viewer);

        (await viewer.GetAsync<ToolResponse>($"{Base}/tools/weather")).Headers["x-unit"].ShouldBe("***");
        using var write = await viewer.PostAsync($"{Base}/rulesets", Ruleset with { Name = "other" });
        ((int)write.StatusCode).ShouldBe(403);
    }

    [Fact]
    public async Task What_is_wrong_is_said_field_by_field()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        (await ComplaintsAsync(client, "agents", new AgentRequest("Clerk!", null, "flow/x", null, ["none"], ["search_a"], ["a"], 99, 0)))
            .ShouldBe(["maxSeconds", "maxSteps", "model", "name", "rulesets", "tools"]);
        (await ComplaintsAsync(client, "tools", Tool with { Name = "a b", Method = "BREW", Url = "https://{city}/", TimeoutSeconds = 61, Kind = "shell" }))
            .ShouldBe(["kind", "method", "name", "timeoutSeconds", "url"]);
        (await ComplaintsAsync(client, "tools", Tool with { Url = "https://a.example/{town}", Headers = new Dictionary<string, string> { ["Host"] = "b" } })).ShouldBe(["headers", "url"]);
        (await ComplaintsAsync(client, "tools", Tool with { Parameters = JsonSerializer.Deserialize<JsonElement>("[]") })).ShouldBe(["parameters"]);
        (await ComplaintsAsync(client, "rulesets", new RulesetRequest("r", ["", "fine"]))).ShouldBe(["rules[0]"]);
        (await ComplaintsAsync(client, "rulesets", new RulesetRequest("r", []))).ShouldBe(["rules"]);
    }

    [Fact]
    public async Task A_name_that_is_taken_conflicts()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await WithAllAsync(builder);

        (await (await client.PostAsync($"{Base}/agents", Agent)).ProblemAsync()).ShouldBe((409, "There is an agent 'clerk' already."));
        (await (await client.PostAsync($"{Base}/tools", Tool)).ProblemAsync()).Status.ShouldBe(409);
        (await (await client.PostAsync($"{Base}/rulesets", Ruleset)).ProblemAsync()).Status.ShouldBe(409);
    }

    private static async Task<HttpClient> WithAllAsync(BuilderUnderTest builder)
    {
        var client = builder.Developer();
        await client.PostAsync<RulesetRequest, RulesetResponse>($"{Base}/rulesets", Ruleset);
        await client.PostAsync<ToolRequest, ToolResponse>($"{Base}/tools", Tool);
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base}/agents", Agent);
        return client;
    }

    private static async Task<IEnumerable<string>> ComplaintsAsync<T>(HttpClient client, string kind, T request)
    {
        using var response = await client.PostAsync($"{Base}/{kind}", request);
        ((int)response.StatusCode).ShouldBe(400);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        return [.. problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal)];
    }
}
