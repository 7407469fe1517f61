using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Postgres;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Children;

/// <summary>Which flow a map or a loop runs: one that is there, that can be run, that does not come back, and always the same revision.</summary>
public sealed class BodyTests(PostgresFixture postgres)
{
    private static readonly FlowGraph Plain = Of([Node("in", "input"), Node("out", "output")], "in.text > out.text");

    [Fact]
    public async Task A_flow_that_reaches_itself_is_told_so_when_it_is_saved_and_when_it_is_run()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("c", Plain);
        await client.MakeFlowAsync("b", Running("c"));
        await client.MakeFlowAsync("a", Running("b"));

        var itself = await SaveAsync(client, "c", 2, Running("c"));
        var around = await SaveAsync(client, "c", 3, Running("a"));
        var validated = await client.PostAsync<ValidationRequest, ValidationResponse>($"{Base.Base}/flows/validate", new ValidationRequest(Running("a"), "c"));
        var start = await client.PostAsync($"{Base.Base}/flows/a/runs", Text);
        var published = await client.PostAsync($"{Base.Base}/flows/a/publish", new PublishRequest("a", null));

        (itself.Node, itself.Code, itself.Message).ShouldBe(("again", GraphProblemCodes.Recursion, "'again' runs the flow 'c', and so itself without end: c > c."));
        around.Message.ShouldBe("'again' runs the flow 'a', and so itself without end: c > a > b > c.");
        validated.Problems.ShouldHaveSingleItem().ShouldBe(around);
        (await start.ProblemAsync()).ShouldBe((400, "'again' runs the flow 'b', and so itself without end: a > b > c > a."));
        ((int)published.StatusCode).ShouldBe(400);
    }

    [Fact]
    public async Task A_flow_that_is_not_there_that_cannot_be_run_or_that_lies_too_deep_is_a_problem_of_the_step()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Runs:Depth", "2"));
        using var client = builder.Developer();
        foreach (var name in (string[])["draft", "three"])
        {
            await client.PostAsync<FlowRequest, FlowResponse>($"{Base.Base}/flows", new FlowRequest(name, null, null, null, null));
        }

        await client.MakeFlowAsync("one", Plain);
        await client.MakeFlowAsync("two", Running("one"));
        await SaveAsync(client, "draft", 1, Of([Node("in", "input")]));

        var missing = await SaveAsync(client, "three", 1, Running("nobody"));
        var broken = await SaveAsync(client, "three", 2, Running("draft"));
        var whole = await client.PutAsync<GraphRequest, GraphSaved>($"{Base.Base}/flows/three/graph", new GraphRequest(3, Running("two")));
        await client.PostAsync<FlowRequest, FlowResponse>($"{Base.Base}/flows", new FlowRequest("four", null, null, null, null));
        var deep = await SaveAsync(client, "four", 1, Running("three"));

        (missing.Code, missing.Message).ShouldBe((GraphProblemCodes.UnknownFlow, "'again' runs the flow 'nobody', which the project does not have."));
        (broken.Code, broken.Message).ShouldBe((GraphProblemCodes.BrokenFlow, "'again' runs the flow 'draft', which cannot be run: The flow has no output: add one, it is what the flow answers."));
        whole.Problems.ShouldBeEmpty();
        (deep.Code, deep.Message).ShouldBe(
            (GraphProblemCodes.TooDeep, "'again' runs the flow 'three', and so 'two', and so 'one', and with it more than 2 levels of flows within flows (Runs:Depth)."));
    }

    [Fact]
    public async Task What_is_published_runs_the_flows_that_it_ran_then_and_a_run_takes_the_newest()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("more", Prompt("old"));
        await client.MakeFlowAsync("top", Running("more"));
        await client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/top/publish", new PublishRequest("top", null));
        await client.PutAsync<GraphRequest, GraphSaved>($"{Base.Base}/flows/more/graph", new GraphRequest(2, Prompt("new")));

        var run = await client.EndedRunAsync((await client.StartRunAsync("top", new { text = "x" })).Id);
        var chat = await client.PostAsync<object, JsonElement>("/v1/chat/completions", new { model = "flow/top", messages = new[] { new { role = "user", content = "x" } } });

        var streamed = await client.EventsAsync("/v1/chat/completions", new { model = "flow/top", stream = true, messages = new[] { new { role = "user", content = "x" } } });

        run.Text().ShouldBe("new", run.Error);
        string.Concat(streamed.SkipLast(1).Select(each => each.Data.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var piece) ? piece.GetString() : null)).ShouldBe("old");
        chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("old");
    }

    [Fact]
    public async Task Only_what_can_be_a_list_goes_into_a_map()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("more", Plain);
        var nodes = new[] { Node("in", "input"), Node("each", "map", ("flow", "more")), Node("then", "map", ("flow", "more")), Node("out", "output") };

        var wrong = await CheckAsync(client, Of(nodes, "in.text > each.items", "each.items > then.items", "then.items > out.json"));
        var right = await CheckAsync(client, Of(nodes, "in.messages > each.items", "each.items > then.items", "then.items > out.json"));
        var many = await CheckAsync(client, Of([nodes[0], Node("each", "map", ("flow", "more"), ("concurrency", 33)), nodes[3]], "in.json > each.items", "each.items > out.json"));

        (wrong.Single().Code, wrong.Single().Message).ShouldBe((GraphProblemCodes.WrongType, "'in' gives text at 'text', but 'each' takes list at 'items'."));
        right.ShouldBeEmpty();
        many.Single().Message.ShouldBe("'each': 'At once' must lie between 1 and 32.");
    }

    private static RunRequest Text => new(JsonSerializer.SerializeToElement(new { text = "x" }), null, null);

    /// <summary>Once: the test of its answer holds whatever it is.</summary>
    private static FlowGraph Running(string flow) => Around(Node("again", "loop", ("flow", flow), ("test", "matches"), ("value", ".*")), "in");

    private static FlowGraph Prompt(string template) => Around(Node("p", "prompt", ("template", template)), "text");

    private static async Task<GraphProblem> SaveAsync(HttpClient client, string flow, int revision, FlowGraph graph) =>
        (await client.PutAsync<GraphRequest, GraphSaved>($"{Base.Base}/flows/{flow}/graph", new GraphRequest(revision, graph))).Problems.ShouldHaveSingleItem();

    private static async Task<IReadOnlyList<GraphProblem>> CheckAsync(HttpClient client, FlowGraph graph) =>
        (await client.PostAsync<ValidationRequest, ValidationResponse>($"{Base.Base}/flows/validate", new ValidationRequest(graph))).Problems;
}
