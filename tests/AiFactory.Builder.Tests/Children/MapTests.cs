using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Children;

/// <summary>A map runs a flow for each item of a list. The played model answers "You said: ..." with each item.</summary>
public sealed class MapTests(PostgresFixture postgres)
{
    private static readonly FlowGraph Say = Around(Node("m", "model", ("model", "demo-chat"), ("retries", 0)), "prompt");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_answers_come_in_the_items_order_whichever_was_first()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Execution:Concurrency", "2"), ("Execution:SlotsPerProject", "2"));
        using var client = builder.Developer();
        var gate = new Gate(builder);
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Each(("concurrency", 3)));
        var run = await client.StartRunAsync("each", new { text = "a|b|c" });

        // Two slots, and three calls are wanted at once: the step that waits has none.
        await gate.EnteredAsync(2);
        gate.Release("c");
        gate.Release("b");
        await gate.EnteredAsync(3);
        gate.Release("a");
        var ended = await client.EndedRunAsync(run.Id);

        ended.State.ShouldBe(RunStates.Succeeded, ended.Error);
        ended.Output.ShouldNotBeNull().GetProperty("json").GetRawText().ShouldBe("""["You said: a","You said: b","You said: c"]""");
        ended.Text().ShouldBe("You said: a\n\nYou said: b\n\nYou said: c");
        ended.Usage.ShouldBe(new RunUsage(21, 9));
        var step = ended.Steps.ShouldNotBeNull()[2];
        (step.Node, step.State, step.Attempt, step.Children).ShouldBe(("each", StepStates.Succeeded, 1, new RunChildren(3, 3, 0)));

        // What was begun is found from the step, and not among what somebody started.
        var children = (await client.GetAsync<Page<RunSummary>>($"{Base.Base}/runs/{run.Id}/steps/each/runs")).Items;
        children.Select(child => (child.Parent, child.Title, child.State)).ShouldBe(
            [(new RunParent(run.Id, "each", 0), "a", "succeeded"), (new RunParent(run.Id, "each", 1), "b", "succeeded"), (new RunParent(run.Id, "each", 2), "c", "succeeded")]);
        (await client.GetAsync<Page<RunSummary>>($"{Base.Base}/runs/{run.Id}/steps/each/runs?after=0&limit=1")).Items.ShouldHaveSingleItem().Parent?.Index.ShouldBe(1);
        (await client.GetAsync<Page<RunSummary>>($"{Base.Base}/runs")).Items.ShouldHaveSingleItem().Id.ShouldBe(run.Id);
        (await client.GetAsync<RunResponse>($"{Base.Base}/runs/{children[1].Id}")).Parent.ShouldBe(new RunParent(run.Id, "each", 1));
    }

    [Fact]
    public async Task No_more_items_are_worked_on_at_once_than_the_step_says_and_who_watches_sees_how_far_they_are()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var gate = new Gate(builder);
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Each(("concurrency", 2)));
        var run = await client.StartRunAsync("each", new { text = "a|b|c|d|e" });

        foreach (var (item, index) in "abcde".Select((item, index) => (item, index)))
        {
            await gate.EnteredAsync(Math.Min(5, index + 2));
            (await HeldAsync(builder)).ShouldBe(Math.Max(0, 3 - index));
            gate.Release($"{item}");
        }

        (await client.EndedRunAsync(run.Id)).State.ShouldBe(RunStates.Succeeded);
        gate.Most.ShouldBe(2);
        var told = new List<string>();
        await foreach (var happened in client.FollowAsync(run.Id))
        {
            told.AddRange(happened.Type == RunEventTypes.StepProgress ? [happened.Data?.GetRawText() ?? ""] : []);
        }

        told[0].ShouldBe("""{"done":0,"total":5,"failed":0}""");
        told[^1].ShouldBe("""{"done":5,"total":5,"failed":0}""");
    }

    [Fact]
    public async Task An_item_that_fails_fails_the_step_by_its_index_and_what_is_left_is_cancelled()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        FailOn(builder, "bad");
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Each(("concurrency", 1)));

        var run = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "good|bad|later|last" })).Id);

        run.State.ShouldBe(RunStates.Failed);
        run.Error.ShouldNotBeNull().ShouldStartWith("'each' failed: The item with the index 1 of 4 failed: 'm' failed: ");
        run.Error.ShouldContain("It rained.");
        var children = await client.UntilAsync<Page<RunSummary>>($"{Base.Base}/runs/{run.Id}/steps/each/runs", page => page.Items.All(child => child.FinishedAt is not null));
        children.Items.Select(child => child.State).ShouldBe(["succeeded", "failed", "cancelled", "cancelled"]);
        run.Usage.ShouldBe(new RunUsage(7, 3), "what the first item used counts");
        run.Steps.ShouldNotBeNull().Single(step => step.Node == "each").Children.ShouldBe(new RunChildren(4, 4, 3), "what never began ends with the run, and is counted");
        builder.Gateway.Seen.Count.ShouldBe(2);
    }

    /// <summary>The list and the text were added up, each with six bytes for a letter that has two, and a map failed when all was paid for.</summary>
    [Fact]
    public async Task Answers_count_once_when_they_are_used_once_and_in_any_script_as_they_are_kept()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Execution:MaxOutputBytes", "8192"));
        using var client = builder.Developer();
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Each() with { Edges = [.. Each().Edges.Where(edge => edge.From != "each" || edge.FromPort == "items")] });
        var letters = new string('щ', 1500);

        var run = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = $"{letters}|{letters}" })).Id);

        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        run.Output.ShouldNotBeNull().GetProperty("json").EnumerateArray().Select(item => item.GetString()).ShouldBe([$"You said: {letters}", $"You said: {letters}"]);
    }

    [Fact]
    public async Task An_item_that_nobody_could_start_a_run_with_fails_the_map_before_any_has_begun()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Each());

        var run = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = $"x|{new string('y', 200 * 1024)}" })).Id);
        var none = await client.GetAsync(new Uri($"{Base.Base}/runs/{run.Id}/steps/nothing/runs", UriKind.Relative), Token);

        run.Error.ShouldBe("'each' failed: The run with the index 1 would be given 400 KB; a run is given up to 256 KB.");
        builder.Gateway.Seen.ShouldBeEmpty();
        (await none.ProblemAsync()).Status.ShouldBe(404);
    }

    /// <summary>One by one, what had been read of a run at first was written over what others of the batch had made of it.</summary>
    [Fact]
    public async Task Items_that_cannot_be_written_leave_the_run_above_whole()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await builder.Services.GetRequiredService<Database>().ExecuteAsync(
            """
            create function harm() returns trigger language plpgsql as $$
            begin
              if new.output ->> 'text' like 'poison%' then raise exception 'refused'; end if;
              return new;
            end $$;
            create trigger harm before update on runs for each row execute function harm()
            """,
            null,
            Token);
        await client.MakeFlowAsync("say", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));
        await client.MakeFlowAsync("each", Each(("concurrency", 3), ("onError", "continue")));

        var run = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "a|poison|b|c|poison|d|e|f|poison" })).Id);

        run.Output.ShouldNotBeNull().GetProperty("json").GetRawText().ShouldBe("""["a",null,"b","c",null,"d","e","f",null]""", run.Error);
        run.Steps.ShouldNotBeNull().Single(step => step.Node == "each").Children.ShouldBe(new RunChildren(9, 9, 3));
        (await builder.Services.GetRequiredService<Database>().FirstOrDefaultAsync<long>(
            "select count(*) from (select e.run_id from run_events as e join runs as r on r.id = e.run_id group by e.run_id, r.last_sequence having max(e.sequence) <> count(*) or r.last_sequence <> count(*)) as wrong",
            null,
            Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Where_it_shall_go_on_the_failed_item_is_null_and_its_error_comes_out_beside()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        FailOn(builder, "bad");
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Of(
            [Node("in", "input"), Split(), Node("each", "map", ("flow", "say"), ("onError", "continue")), Node("out", "output"), Node("errors", "prompt"), Node("said", "output")],
            "in.text > list.in", "list.json > each.items", "each.items > out.json", "each.errors > errors.text", "errors.text > said.text"));

        var run = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "good|bad|fine" })).Id);
        var whole = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "good|fine" })).Id);

        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        run.Output.ShouldNotBeNull().GetProperty("json").GetRawText().ShouldBe("""["You said: good",null,"You said: fine"]""");
        run.Text().ShouldNotBeNull().ShouldStartWith("""[{"error": "'m' failed: """);
        run.Text().ShouldNotBeNull().ShouldEndWith("\"index\": 1}]");
        run.Steps.ShouldNotBeNull().Single(step => step.Node == "each").Children.ShouldBe(new RunChildren(3, 3, 1));
        whole.Steps.ShouldNotBeNull().Single(step => step.Node == "errors").State.ShouldBe(StepStates.Skipped);
    }

    [Fact]
    public async Task An_empty_list_gives_an_empty_list_and_what_is_none_or_too_long_is_refused()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Runs:ItemsPerMap", "2"));
        using var client = builder.Developer();
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Of(
            [Node("in", "input"), Node("list", "transform", ("operation", "parse JSON")), Node("each", "map", ("flow", "say")), Node("out", "output")],
            "in.text > list.in", "list.json > each.items", "each.items > out.json"));

        var empty = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "[]" })).Id);
        var none = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "{}" })).Id);
        var many = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "[1,2,3]" })).Id);

        empty.Output.ShouldNotBeNull().GetProperty("json").GetRawText().ShouldBe("[]", empty.Error);
        none.Error.ShouldBe("'each' failed: What came in at 'items' is no list but a JSON object.");
        many.Error.ShouldBe("'each' failed: The list has 3 items; a map takes up to 2 (Runs:ItemsPerMap).");
        builder.Gateway.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_run_reads_its_item_its_index_and_what_is_given_to_all()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("show", Of([Node("in", "input"), Node("p", "prompt"), Node("out", "output")], "in.json > p.text", "p.text > out.text"));
        await client.MakeFlowAsync("each", Of(
            [Node("in", "input"), Split(), Node("each", "map", ("flow", "show")), Node("out", "output")],
            "in.text > list.in", "list.json > each.items", "in.text > each.with", "each.text > out.text"));

        var run = await client.EndedRunAsync((await client.StartRunAsync("each", new { text = "x|y" })).Id);

        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        var read = run.Text().ShouldNotBeNull().Split("\n\n").Select(text => JsonNode.Parse(text).ShouldNotBeNull()).ToList();
        read.Select(input => $"{input["index"]} {input["text"]} {input["item"]} {input["with"]}").ShouldBe(["0 x x x|y", "1 y y x|y"]);
    }

    /// <summary>in, a list of what stands between the bars, the map, and what it gives.</summary>
    private static FlowGraph Each(params (string Name, object Value)[] settings) => Of(
        [Node("in", "input"), Split(), Node("each", "map", [("flow", "say"), .. settings]), Node("out", "output")],
        "in.text > list.in", "list.json > each.items", "each.items > out.json", "each.text > out.text");

    private static FlowNode Split() => Node("list", "transform", ("operation", "split"), ("separator", "|"));

    private static void FailOn(BuilderUnderTest builder, string item) => builder.Gateway.Script = (context, body) =>
    {
        if (Gate.Asked(body) != item)
        {
            return builder.Gateway.ChatAsync(context, body);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new { error = new { message = "It rained.", type = "invalid_request_error" } });
    };

    private static async Task<long> HeldAsync(BuilderUnderTest builder) =>
        await builder.Services.GetRequiredService<Database>().FirstOrDefaultAsync<long>("select count(*) from runs where held", null, Token);
}
