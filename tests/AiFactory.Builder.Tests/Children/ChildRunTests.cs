using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Children;

/// <summary>Runs within a run: one trace, one end, and nothing done twice.</summary>
public sealed class ChildRunTests(PostgresFixture postgres)
{
    private static readonly FlowGraph Say = Around(Node("m", "model", ("model", "demo-chat"), ("retries", 0)), "prompt");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A list goes to a map whose flow loops over a model, a single item past it: one trace has each model's call below its step, its turn and its item.</summary>
    [Fact]
    public async Task Branch_loop_and_parallel_map_run_as_defined_and_one_trace_nests_them()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(spans);
        builder.Gateway.Answer = body => Gate.Asked(body) + "!";
        await client.MakeFlowAsync("shout", Say);
        await client.MakeFlowAsync("twice", Around(Node("again", "loop", ("flow", "shout"), ("value", "!!")), "in"));
        await client.MakeFlowAsync("all", Of(
            [
                Node("in", "input"), Node("several", "condition", ("value", "|")), Node("list", "transform", ("operation", "split"), ("separator", "|")),
                Node("each", "map", ("flow", "twice"), ("concurrency", 2)), Node("one", "prompt", ("template", "alone: {{text}}")), Node("out", "output"),
            ],
            "in.text > several.in", "several.true > list.in", "list.json > each.items", "each.text > out.text", "several.false > one.text", "one.text > out.text"));

        var single = await client.EndedRunAsync((await client.StartRunAsync("all", new { text = "a" })).Id);
        spans.Clear();
        var run = await client.EndedRunAsync((await client.StartRunAsync("all", new { text = "a|b|c" })).Id);

        single.Text().ShouldBe("alone: a", single.Error);
        run.Text().ShouldBe("a!!\n\nb!!\n\nc!!", run.Error);
        run.Usage.ShouldBe(new RunUsage(42, 18), "of six calls, two levels below");
        var ours = spans.Where(span => span.TraceId.ToHexString() == run.TraceId).ToDictionary(span => span.SpanId);
        var models = ours.Values.Where(span => span.OperationName == "step model").ToList();
        models.Count.ShouldBe(6);
        models.ShouldAllBe(span => Above(ours, span).SequenceEqual(new[] { "step loop", "step map" }));
        builder.Gateway.Seen.ShouldAllBe(call => call.TraceParent.Contains(run.TraceId ?? "none"));
    }

    [Fact]
    public async Task Who_cancels_the_run_cancels_what_its_steps_began()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var (asked, left) = (new CountdownEvent(2), new CountdownEvent(2));
        builder.Gateway.Script = async (context, _) =>
        {
            asked.Signal();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            left.Signal();
        };
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("inner", Each("say", 2, "item"));
        await client.MakeFlowAsync("outer", Each("inner", 1));
        var run = await client.StartRunAsync("outer", new { items = new[] { new[] { "a", "b", "c" }, new[] { "d" } } });
        asked.Wait(TimeSpan.FromSeconds(30), Token).ShouldBeTrue();

        (await client.PostAsync<object>($"{Base.Base}/runs/{run.Id}/cancel", new { })).EnsureSuccessStatusCode();

        left.Wait(TimeSpan.FromSeconds(30), Token).ShouldBeTrue("the calls that two levels below wait are given up");
        (await client.EndedRunAsync(run.Id)).State.ShouldBe(RunStates.Cancelled);
        var outer = await ChildrenAsync(client, run.Id);
        outer.Select(child => child.State).ShouldBe(["cancelled", "cancelled"]);
        (await ChildrenAsync(client, outer[0].Id)).Select(child => child.State).ShouldBe(["cancelled", "cancelled", "cancelled"]);
    }

    [Fact]
    public async Task After_a_restart_what_had_ended_is_not_done_again()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host));
        var second = new TaskCompletionSource();
        var calls = 0;
        tool.Script = context =>
        {
            if (Interlocked.Increment(ref calls) != 2)
            {
                return tool.EffectAsync(context);
            }

            second.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        Guid id;
        using (var client = builder.Developer())
        {
            await client.MakeFlowAsync("call", Around(Node("call", "http", ("url", tool.Address.ToString())), "in"));
            await client.MakeFlowAsync("each", Each("call", 1));
            id = (await client.StartRunAsync("each", new { items = new[] { "a", "b", "c" } })).Id;
            await second.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        }

        await builder.RestartAsync();
        using var again = builder.Developer();
        var run = await again.EndedRunAsync(id);

        run.Output.ShouldNotBeNull().GetProperty("json").GetRawText().ShouldBe("""["effect 1","effect 2","effect 3"]""", run.Error);
        tool.Requests.Values.Order().ShouldBe([1, 1, 2]);
        (await ChildrenAsync(again, id)).Select(child => child.State).ShouldBe(["succeeded", "succeeded", "succeeded"]);
    }

    [Fact]
    public async Task Runs_that_steps_begin_take_no_place_of_those_that_people_start_and_have_a_bound_of_their_own()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Runs:OpenPerProject", "2"), ("Runs:OpenChildrenPerProject", "3"));
        using var client = builder.Developer();
        var gate = new Gate(builder);
        await client.MakeFlowAsync("say", Say);
        await client.MakeFlowAsync("each", Each("say", 3));
        var run = await client.StartRunAsync("each", new { items = new[] { "a", "b", "c" } });
        await gate.EnteredAsync(3);

        var other = await client.StartRunAsync("each", new { items = new[] { "d" } });
        var waits = await client.UntilAsync<RunResponse>($"{Base.Base}/runs/{other.Id}", found => found.Steps?.Any(step => step.Error is not null) == true);
        var failures = await builder.Services.GetRequiredService<Database>().FirstOrDefaultAsync<int>("select max(failures) from step_claims", null, Token);
        "abcd".ToList().ForEach(item => gate.Release($"{item}"));

        failures.ShouldBe(0, "to wait for room is no failure, however often");
        waits.Steps.ShouldNotBeNull().Single(step => step.Node == "each").Error.ShouldNotBeNull()
            .ShouldContain("have 3 runs that have not ended; with 1 more there would be more than 3 (Runs:OpenChildrenPerProject)");
        (await client.EndedRunAsync(run.Id)).State.ShouldBe(RunStates.Succeeded);
        var ended = await client.EndedRunAsync(other.Id);
        ended.State.ShouldBe(RunStates.Succeeded, ended.Error);
        ended.Steps.ShouldNotBeNull().Single(step => step.Node == "each").Error.ShouldBeNull();
        var never = await client.EndedRunAsync((await client.StartRunAsync("each", new { items = new[] { "a", "b", "c", "d" } })).Id);
        never.Error.ShouldNotBeNull().ShouldContain("with 4 more there would be more than 3", Case.Sensitive, "room for so many never comes");
    }

    /// <summary>Who had its parent ended before it ended itself was counted at a step that nobody counted again.</summary>
    [Fact]
    public async Task What_is_used_two_levels_below_reaches_the_top_when_all_is_cancelled()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var gate = new Gate(builder);
        gate.Release("a");
        await client.MakeFlowAsync("two", Of(
            [Node("in", "input"), Node("first", "model", ("model", "demo-chat")), Node("second", "model", ("model", "demo-chat")), Node("out", "output")],
            "in.text > first.prompt", "first.text > second.prompt", "second.text > out.text"));
        await client.MakeFlowAsync("inner", Each("two", 1, "item"));
        await client.MakeFlowAsync("outer", Each("inner", 1));
        var run = await client.StartRunAsync("outer", new { items = new[] { new[] { "a" } } });
        await gate.EnteredAsync(2);

        (await client.PostAsync<object>($"{Base.Base}/runs/{run.Id}/cancel", new { })).EnsureSuccessStatusCode();

        var outer = (await ChildrenAsync(client, run.Id)).ShouldHaveSingleItem();
        (await ChildrenAsync(client, outer.Id)).ShouldHaveSingleItem().Usage.ShouldBe(new RunUsage(7, 3));
        (await client.GetAsync<RunResponse>($"{Base.Base}/runs/{outer.Id}")).Usage.ShouldBe(new RunUsage(7, 3));
        (await client.GetAsync<RunResponse>($"{Base.Base}/runs/{run.Id}")).Usage.ShouldBe(new RunUsage(7, 3));
    }

    /// <summary>A leader of a version that knew of no children ends runs without counting them, and during an update it may lead.</summary>
    [Fact]
    public async Task Who_takes_the_leadership_counts_anew_what_waiting_steps_have_begun()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        var gate = new Gate(builder);
        Guid id;
        using (var client = builder.Developer())
        {
            await client.MakeFlowAsync("say", Say);
            await client.MakeFlowAsync("each", Each("say", 1));
            id = (await client.StartRunAsync("each", new { items = new[] { "a", "b", "c" } })).Id;
            gate.Release("a");
            await gate.EnteredAsync(2);
        }

        await builder.Services.GetRequiredService<Database>().ExecuteAsync(
            "update step_claims set children_ended = 0, prompt_tokens = 0, completion_tokens = 0 where state = 'waiting' and children_ended = 1", null, Token);
        await builder.RestartAsync();
        using var again = builder.Developer();
        gate.Release("b");
        gate.Release("c");
        var run = await again.EndedRunAsync(id);

        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        run.Usage.ShouldBe(new RunUsage(21, 9));
        run.Steps.ShouldNotBeNull().Single(step => step.Node == "each").Children.ShouldBe(new RunChildren(3, 3, 0));
    }

    [Fact]
    public async Task What_the_runs_of_a_step_answer_and_are_given_together_is_bounded()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Execution:MaxOutputBytes", "4096"), ("Execution:MaxInputBytes", "4096"));
        using var client = builder.Developer();
        await client.MakeFlowAsync("echo", Around(Node("p", "prompt", ("template", "{{text}}{{text}}{{text}}{{text}}{{text}}{{text}}{{text}}{{text}}")), "text"));
        await client.MakeFlowAsync("each", Each("echo", 4));
        await client.MakeFlowAsync("with", Each("echo", 4) with { Edges = [.. Each("echo", 4).Edges, new FlowEdge("with", "in", "text", "each", "with")] });
        var many = Enumerable.Repeat(new string('x', 100), 10).ToList();

        var answers = await client.EndedRunAsync((await client.StartRunAsync("each", new { items = many })).Id);
        var given = await client.EndedRunAsync((await client.StartRunAsync("with", new { items = many, text = new string('y', 500) })).Id);

        answers.Error.ShouldBe("'each' failed: What the runs answered has 7 KB together; up to 4 KB are kept (Execution:MaxOutputBytes).");
        given.Error.ShouldBe("'each' failed: The runs would be given 5 KB together; up to 4 KB are (Execution:MaxInputBytes).");
    }

    [Fact]
    public async Task The_runs_below_a_threads_run_are_its_authors_alone()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var ada = builder.Developer();
        using var grace = builder.Client("user:grace", "default", Roles.Developer);
        await ada.MakeFlowAsync("say", Say);
        await ada.MakeFlowAsync("again", Around(Node("each", "loop", ("flow", "say"), ("value", "said")), "in"));
        var thread = await ada.PostAsync<ThreadRequest, ThreadResponse>($"{Base.Base}/threads", new ThreadRequest(null, "flow:again"));
        var events = await ada.EventsAsync($"{Base.Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("A secret"));
        var run = events[^1].Data.GetProperty("message").GetProperty("runId").GetGuid();

        var child = (await ChildrenAsync(ada, run)).ShouldHaveSingleItem();

        child.Title.ShouldBe("A secret");
        foreach (var hidden in (string[])[$"runs/{run}/steps/each/runs", $"runs/{child.Id}", $"runs/{child.Id}/steps/m"])
        {
            (await grace.GetAsync(new Uri($"{Base.Base}/{hidden}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    /// <summary>in, the list at this place of its JSON, the map.</summary>
    private static FlowGraph Each(string flow, int concurrency, string path = "items") => Of(
        [
            Node("in", "input"), Node("list", "transform", ("operation", "pick"), ("path", path)),
            Node("each", "map", ("flow", flow), ("concurrency", concurrency)), Node("out", "output"),
        ],
        "in.json > list.in", "list.json > each.items", "each.items > out.json");

    private static async Task<IReadOnlyList<RunSummary>> ChildrenAsync(HttpClient client, Guid run) =>
        (await client.UntilAsync<Page<RunSummary>>($"{Base.Base}/runs/{run}/steps/each/runs", page => page.Items.All(child => child.FinishedAt is not null))).Items;

    /// <summary>The steps above a span, from it to the top.</summary>
    private static IEnumerable<string> Above(Dictionary<ActivitySpanId, Activity> spans, Activity span)
    {
        while (spans.TryGetValue(span.ParentSpanId, out var parent))
        {
            yield return parent.OperationName;
            span = parent;
        }
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BuilderTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
