using System.Net;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tests.Flows;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Runs;

public sealed class RunTests(PostgresFixture postgres)
{
    private static readonly FlowGraph Ask = Around(Node("m", "model", ("model", "demo-chat"), ("system", "Be kind.")), "prompt");

    [Fact]
    public async Task A_run_answers_and_says_what_it_did_what_it_used_and_in_which_trace()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        var run = await client.RunAsync(Ask);

        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        run.Text().ShouldBe("You said: Hello");
        run.Usage.ShouldBe(new RunUsage(7, 3));
        run.StartedBy.ShouldBe("user:ada");
        run.Steps.ShouldNotBeNull().Select(step => (step.Node, step.State, step.Attempt)).ShouldBe([("in", "succeeded", 1), ("m", "succeeded", 1), ("out", "succeeded", 1)]);
        var call = builder.Gateway.Seen.ShouldHaveSingleItem();
        call.Body["messages"]?[0]?["content"]?.GetValue<string>().ShouldBe("Be kind.");
        run.TraceId.ShouldNotBeNull();
        call.TraceParent.ShouldContain(run.TraceId);
        (await client.GetAsync<Page<RunSummary>>($"{Base.Base}/runs?state=succeeded&flow={run.Flow}")).Items.ShouldHaveSingleItem().Id.ShouldBe(run.Id);
    }

    /// <summary>A page of 200 runs carried their inputs and outputs, up to 250 MB.</summary>
    [Fact]
    public async Task A_list_shows_what_was_asked_in_short_and_has_no_inputs_and_outputs()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var run = await client.RunAsync(Ask, $"Long\n{new string('x', 114)}💡{new string('y', 5000)}");
        await client.EndedRunAsync((await client.StartRunAsync(run.Flow, new { n = 1 })).Id);

        var items = (await client.GetAsync<JsonElement>($"{Base.Base}/runs")).GetProperty("items");

        items.EnumerateArray().Select(item => item.GetProperty("title").GetString()).ShouldBe(["{\"n\":1}", $"Long {new string('x', 114)}"]);
        items[1].EnumerateObject().Select(member => member.Name).ShouldNotContain(name => name == "input" || name == "output" || name == "steps");
        items[1].GetProperty("usage").GetProperty("promptTokens").GetInt32().ShouldBe(7);
    }

    [Theory]
    [InlineData("Why?", "Question: Why?")]
    [InlineData("So it is.", "Statement: So it is.")]
    public async Task Of_two_branches_one_is_taken_and_the_other_skipped(string text, string answer)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        var run = await client.RunAsync(GraphValidatorTests.Branches(), text);

        run.Text().ShouldBe(answer);
        run.Steps.ShouldNotBeNull().Count(step => step.State == StepStates.Skipped).ShouldBe(1);
    }

    [Fact]
    public async Task The_conversation_reaches_the_model_and_a_prompt_takes_the_last_questions_place()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("chat", Of(
            [Node("in", "input"), Node("p", "prompt", ("template", "In one word: {{text}}")), Node("m", "model", ("model", "demo-chat")), Node("out", "output")],
            "in.text > p.text", "in.messages > m.messages", "p.text > m.prompt", "m.text > out.text"));

        var started = await client.StartRunAsync("chat", new { text = "And now?", messages = new[] { new { role = "user", content = "Hello" }, new { role = "assistant", content = "Hi" } } });
        await client.EndedRunAsync(started.Id);

        var messages = builder.Gateway.Seen.ShouldHaveSingleItem().Body["messages"].ShouldNotBeNull().AsArray();
        messages.Select(message => message?["content"]?.GetValue<string>()).ShouldBe(["Hello", "Hi", "In one word: And now?"]);
    }

    [Fact]
    public async Task Events_come_live_in_order_and_a_client_goes_on_behind_the_last_that_it_saw()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var mayEnd = new TaskCompletionSource();
        builder.Gateway.Script = async (context, body) =>
        {
            context.Response.ContentType = "text/event-stream";
            await FakeGateway.WriteAsync(context, new { id = "c", @object = "o", created = 1, model = "m", choices = new[] { new { index = 0, delta = new { content = "first" } } } });
            await mayEnd.Task;
            await builder.Gateway.ChatAsync(context, body);
        };
        await client.MakeFlowAsync("ask", Ask);
        var run = await client.StartRunAsync("ask", new { text = "Hello" });

        var seen = new List<RunEventResponse>();
        await foreach (var happened in client.FollowAsync(run.Id))
        {
            seen.Add(happened);
            if (happened.Type == RunEventTypes.StepDelta)
            {
                mayEnd.TrySetResult();
            }
        }

        seen[0].Type.ShouldBe(RunEventTypes.RunStarted);
        seen[^1].Type.ShouldBe(RunEventTypes.RunSucceeded);
        seen.Where(happened => happened.Sequence > 0).Select(happened => happened.Sequence).ShouldBe(Enumerable.Range(1, 8).Select(number => (long)number));
        var first = seen.First(happened => happened.Type == RunEventTypes.StepDelta);
        first.Data.ShouldNotBeNull().GetRawText().ShouldBe("""{"text":"first","offset":0,"answer":true}""");

        var rest = new List<long>();
        await foreach (var happened in client.FollowAsync(run.Id, lastEventId: 6))
        {
            rest.Add(happened.Sequence);
        }

        rest.ShouldBe([7, 8]);
        await foreach (var nothing in client.FollowAsync(run.Id, lastEventId: 8))
        {
            nothing.ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_reason_that_may_pass_is_tried_again_and_the_tool_can_tell()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host));
        using var client = builder.Developer();
        var failures = 1;
        tool.Script = context =>
        {
            context.Response.StatusCode = failures-- > 0 ? 503 : 200;
            return context.Response.WriteAsync(context.Request.Query["q"].ToString());
        };

        var run = await client.RunAsync(Around(Node("call", "http", ("url", $"{tool.Address}?q={{{{text}}}}")), "in"), "a b&c");

        run.Text().ShouldBe("a b&c", run.Error);
        run.Steps.ShouldNotBeNull()[1].Attempt.ShouldBe(2);
        tool.Requests.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create($"{run.Id}/call", 2));
    }

    [Theory]
    [InlineData("model", "model", "demo-chat", "prompt")]
    [InlineData("agent", "agent", "clerk", "text")]
    public async Task A_step_whose_model_is_revoked_fails_at_the_first_attempt_and_says_so(string type, string setting, string name, string port)
    {
        const string Refusal = "The model 'demo-chat' may not be used any more: version 1 of demo-chat was revoked. Reason: it leaks";
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base.Base}/agents", new AgentRequest("clerk", null, "demo-chat", null, null, null, null, null, null));
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Response.WriteAsJsonAsync(new { error = new { message = Refusal, type = "invalid_request_error", param = "model", code = "model_revoked" } });
        };

        var run = await client.RunAsync(Around(Node("step", type, (setting, name), ("retries", 3)), port));

        (run.State, run.Steps.ShouldNotBeNull()[1].Attempt).ShouldBe((RunStates.Failed, 1));
        run.Error.ShouldNotBeNull().ShouldContain(Refusal);
        builder.Gateway.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_tool_that_hangs_or_lies_within_is_one_runs_clear_error()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host));
        using var client = builder.Developer();
        tool.Script = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var call = ("url", (object)tool.Address.ToString());

        // One hangs for as long as the test takes: the others are not behind it.
        await client.MakeFlowAsync("waits", Around(Node("call", "http", call, ("timeoutSeconds", 600)), "in"));
        var waits = await client.StartRunAsync("waits", new { text = "Hello" });
        var hangs = await client.RunAsync(Around(Node("call", "http", call, ("timeoutSeconds", 1), ("retries", 0)), "in"));
        var other = await client.RunAsync(Ask);
        var meanwhile = await client.GetAsync<RunResponse>($"{Base.Base}/runs/{waits.Id}");
        var within = await client.RunAsync(Around(Node("call", "http", ("url", "http://127.0.0.1:1/")), "in"));

        (hangs.State, within.State, other.State).ShouldBe((RunStates.Failed, RunStates.Failed, RunStates.Succeeded));
        (meanwhile.State, meanwhile.FinishedAt).ShouldBe((RunStates.Running, null));
        hangs.Error.ShouldNotBeNull().ShouldContain("1 s");
        within.Error.ShouldNotBeNull().ShouldContain("Tools:AllowedHosts");
        hangs.Steps.ShouldNotBeNull()[2].State.ShouldBe(StepStates.Skipped);
    }

    [Fact]
    public async Task A_cancelled_run_stops_the_step_that_runs()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        builder.Gateway.Script = (context, _) =>
        {
            context.RequestAborted.Register(left.SetResult);
            asked.SetResult();
            return left.Task;
        };
        await client.MakeFlowAsync("ask", Ask);
        var run = await client.StartRunAsync("ask", new { text = "Hello" });
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);

        (await client.PostAsync<object>($"{Base.Base}/runs/{run.Id}/cancel", new { })).EnsureSuccessStatusCode();

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        (await client.EndedRunAsync(run.Id)).State.ShouldBe(RunStates.Cancelled);
    }

    [Fact]
    public async Task A_run_goes_on_after_a_restart_behind_its_last_finished_step()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host));
        var asked = new TaskCompletionSource();
        builder.Gateway.Script = (context, _) =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        Guid id;
        using (var client = builder.Developer())
        {
            await client.MakeFlowAsync("two", Of(
                [Node("in", "input"), Node("call", "http", ("url", tool.Address.ToString())), Node("m", "model", ("model", "demo-chat")), Node("out", "output")],
                "in.text > call.in", "call.text > m.prompt", "m.text > out.text"));
            id = (await client.StartRunAsync("two", new { text = "Hello" })).Id;
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        }

        builder.Gateway.Script = null;
        await builder.RestartAsync();
        using var again = builder.Developer();
        var run = await again.EndedRunAsync(id);

        run.Text().ShouldBe("You said: effect 1", run.Error);
        tool.Requests.ShouldHaveSingleItem().Value.ShouldBe(1);
        run.Steps.ShouldNotBeNull()[2].Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task A_draft_may_have_problems_but_is_neither_run_nor_published()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<FlowRequest, FlowResponse>($"{Base.Base}/flows", new FlowRequest("draft", "Mine", null, null, null));

        var saved = await client.PutAsync<GraphRequest, GraphSaved>($"{Base.Base}/flows/draft/graph", new GraphRequest(1, Of([Node("in", "input")])));
        var run = await client.PostAsync($"{Base.Base}/flows/draft/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text = "x" }), null, null));
        var published = await client.PostAsync($"{Base.Base}/flows/draft/publish", new PublishRequest("draft", null));
        var first = await client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/draft/publish", new PublishRequest("draft", 1));

        (saved.Revision, saved.Problems.Single().Code).ShouldBe((2, GraphProblemCodes.NoOutput));
        (await run.ProblemAsync()).ShouldBe((400, "The flow has no output: add one, it is what the flow answers."));
        published.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (first.Model, first.Revision).ShouldBe(("flow/draft", 1));
        (await client.GetAsync<FlowResponse>($"{Base.Base}/flows/draft")).PublishedAlias.ShouldBe("draft");
    }

    public static TheoryData<FlowGraph, string, string> Wrong => new()
    {
        {
            Of([Node("in", "input"), Node("a", "prompt"), Node("b", "prompt"), Node("out", "output")], "in.text > a.text", "b.text > a.text", "a.text > b.text", "b.text > out.text"),
            GraphProblemCodes.Cycle,
            "These steps wait for each other in a circle: 'a', 'b'."
        },
        {
            Of([Node("in", "input"), Node("m", "model", ("model", "demo-chat")), Node("out", "output")], "in.json > m.prompt", "m.text > out.text"),
            GraphProblemCodes.WrongType,
            "'in' gives json at 'json', but 'm' takes text at 'prompt'."
        },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_circle_and_an_edge_of_the_wrong_type_are_told_when_checked_saved_and_run(FlowGraph graph, string code, string sentence)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<FlowRequest, FlowResponse>($"{Base.Base}/flows", new FlowRequest("draft", "Mine", null, null, null));

        var validated = await client.PostAsync<ValidationRequest, ValidationResponse>($"{Base.Base}/flows/validate", new ValidationRequest(graph));
        var saved = await client.PutAsync<GraphRequest, GraphSaved>($"{Base.Base}/flows/draft/graph", new GraphRequest(1, graph));
        var run = await (await client.PostAsync($"{Base.Base}/flows/draft/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text = "x" }), null, null))).ProblemAsync();

        foreach (var problems in (IReadOnlyList<GraphProblem>[])[validated.Problems, saved.Problems])
        {
            var problem = problems.ShouldHaveSingleItem();
            (problem.Code, problem.Message).ShouldBe((code, sentence));
        }

        run.ShouldBe((400, sentence));
        (await client.RunAsync(Ask)).State.ShouldBe(RunStates.Succeeded);
    }

    [Fact]
    public async Task Who_saves_over_another_is_told_and_an_alias_is_one_flows()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("one", Ask);
        await client.MakeFlowAsync("other", Ask);
        await client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/one/publish", new PublishRequest("help", null));

        using var content = JsonContent(new GraphRequest(1, Ask));
        var late = await client.PutAsync(new Uri($"{Base.Base}/flows/one/graph", UriKind.Relative), content, Token);
        var taken = await client.PostAsync($"{Base.Base}/flows/other/publish", new PublishRequest("help", null));
        (await client.DeleteAsync(new Uri($"{Base.Base}/flows/one", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var free = await client.PostAsync($"{Base.Base}/flows/other/publish", new PublishRequest("help", null));

        (late.StatusCode, taken.StatusCode, free.StatusCode).ShouldBe((HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.OK));
        (await client.GetAsync<Page<PublishedFlow>>($"{Base.Base}/published")).Items.ShouldHaveSingleItem().Flow.ShouldBe("other");
    }

    [Fact]
    public async Task A_projects_flows_and_runs_are_its_own_and_a_viewer_starts_none()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var run = await client.RunAsync(Ask);
        using var viewer = builder.Client("user:bob", "default", Roles.Viewer);
        using var stranger = builder.Developer("red");

        (await viewer.GetAsync<RunResponse>($"{Base.Base}/runs/{run.Id}")).Text().ShouldBe("You said: Hello");
        (await viewer.PostAsync($"{Base.Base}/flows/{run.Flow}/runs", new { input = new { } })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await stranger.GetAsync(new Uri($"{Base.Base}/runs/{run.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await stranger.GetAsync(new Uri($"/api/builder/projects/red/runs/{run.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_character_that_postgres_cannot_keep_harms_nothing()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        (await client.RunAsync(Ask, "a\0b")).Text().ShouldBe("You said: a\uFFFDb");
    }

    [Fact]
    public async Task A_number_that_postgres_prints_in_full_is_not_taken_as_input()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("ask", Ask);

        using var refused = await client.PostAsync($"{Base.Base}/flows/ask/runs", new RunRequest(JsonSerializer.Deserialize<JsonElement>("""{"n":[1e131071]}"""), null, null));

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>It was written again for ever, or counted as the loss of an executor and run eleven times.</summary>
    [Theory]
    [InlineData("1e200000", 200)]
    [InlineData("""{"a":"\ud83d"}""", 200)]
    [InlineData("deep", 200)]
    [InlineData("emoji", 400)]
    public async Task An_answer_that_cannot_be_written_fails_its_step_at_the_first_attempt(string body, int status)
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host));
        using var client = builder.Developer();
        var answer = body switch
        {
            "deep" => new string('[', 63) + new string(']', 63),
            "emoji" => new string('x', 299) + "💡💡",
            _ => body,
        };
        tool.Script = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(answer);
        };

        var run = await client.RunAsync(Around(Node("call", "http", ("url", tool.Address.ToString())), "in"));

        run.State.ShouldBe(RunStates.Failed);
        run.Steps.ShouldNotBeNull()[1].Attempt.ShouldBe(1);
    }

    private static System.Net.Http.Json.JsonContent JsonContent<T>(T value) => System.Net.Http.Json.JsonContent.Create(value);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
