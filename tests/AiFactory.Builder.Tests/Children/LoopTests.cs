using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Children;

/// <summary>A loop runs a flow with its own answer until that is as wanted. The played model adds a letter to what it is asked.</summary>
public sealed class LoopTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly FlowGraph More = Around(Node("m", "model", ("model", "demo-chat"), ("retries", 0)), "prompt");

    [Fact]
    public async Task Each_answer_is_the_next_question_until_the_test_holds()
    {
        await using var builder = await StartAsync();
        using var client = builder.Developer();
        await client.MakeFlowAsync("more", More);

        var run = await client.RunAsync(Until("aaaa"), "a");

        run.Text().ShouldBe("aaaa", run.Error);
        Asked(builder).ShouldBe(["a", "aa", "aaa"]);
        run.Usage.ShouldBe(new RunUsage(21, 9));
        var step = run.Steps.ShouldNotBeNull()[1];
        (step.Attempt, step.Children).ShouldBe((1, new RunChildren(3, 3, 0)));
        step.StartedAt.ShouldNotBeNull().ShouldBeLessThan(step.FinishedAt.ShouldNotBeNull());
    }

    [Theory]
    [InlineData("fail", RunStates.Failed)]
    [InlineData("end", RunStates.Succeeded)]
    public async Task A_loop_that_never_gets_there_ends_at_its_bound_as_its_author_says(string onLimit, string state)
    {
        await using var builder = await StartAsync();
        using var client = builder.Developer();
        await client.MakeFlowAsync("more", More);

        var run = await client.RunAsync(Until("never", ("maxIterations", 2), ("onLimit", onLimit)), "a");

        run.State.ShouldBe(state, run.Error);
        Asked(builder).ShouldBe(["a", "aa"]);
        (run.Text() ?? run.Error).ShouldBe(onLimit == "end" ? "aaa" : "'again' failed: The answer was not as wanted after 2 turns, which is the most ('maxIterations').");
    }

    [Fact]
    public async Task A_part_of_an_answer_in_json_can_be_tested_and_a_turn_that_fails_says_which()
    {
        await using var builder = await StartAsync();
        using var client = builder.Developer();
        builder.Gateway.Answer = body => Asked(body).Length switch
        {
            1 => """{"draft":"one","done":false}""",
            < 40 => """{"draft":"two","done":true}""",
            _ => "no JSON",
        };
        await client.MakeFlowAsync("more", Of(
            [Node("in", "input"), Node("m", "model", ("model", "demo-chat")), Node("json", "transform", ("operation", "parse JSON")), Node("out", "output")],
            "in.text > m.prompt", "m.text > json.in", "json.json > out.json"));
        var graph = Until("true", ("test", "equals"), ("path", "done"));

        var done = await client.RunAsync(graph, "a");
        var failed = await client.RunAsync(graph, new string('a', 50));

        done.Text().ShouldBe("""{"done": true, "draft": "two"}""", done.Error);
        failed.Error.ShouldBe("'again' failed: Turn 1 failed: 'json' failed: The input is not JSON.");
    }

    /// <summary>A loop of a hundred turns ended at the fourth failure that had nothing to do with the three before it.</summary>
    [Fact]
    public async Task What_failed_before_a_turn_is_not_held_against_the_next()
    {
        await using var builder = await StartAsync();
        using var client = builder.Developer();
        var gate = new Gate(builder);
        await client.MakeFlowAsync("more", More);
        await client.MakeFlowAsync("loop", Until("aaaa"));
        var run = await client.StartRunAsync("loop", new { text = "a" });
        var database = builder.Services.GetRequiredService<Database>();
        await gate.EnteredAsync(1);
        await database.ExecuteAsync("update step_claims set failures = 3, attempt = 14, error = 'It rained.' where state = 'waiting'", null, Token);
        gate.Release("a");
        await gate.EnteredAsync(2);

        (await database.FirstOrDefaultAsync<string>("select concat_ws(' ', failures, attempt - attempts_before, coalesce(error, 'none')) from step_claims where state = 'waiting'", null, Token))
            .ShouldBe("0 1 none");
        gate.Release("aa");
        gate.Release("aaa");
        (await client.EndedRunAsync(run.Id)).Text().ShouldBe("aaaa");
    }

    private static FlowGraph Until(string value, params (string Name, object Value)[] settings) => Around(Node("again", "loop", [("flow", "more"), ("value", value), .. settings]), "in");

    private async Task<BuilderUnderTest> StartAsync()
    {
        var builder = await BuilderUnderTest.StartAsync(postgres);
        builder.Gateway.Answer = body => Asked(body) + "a";
        return builder;
    }

    private static IEnumerable<string> Asked(BuilderUnderTest builder) => builder.Gateway.Seen.Select(call => Asked(call.Body));

    private static string Asked(JsonNode body) => Gate.Asked(body);
}
