using System.Diagnostics;
using System.Text.Json;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Agents;

/// <summary>Agents as a user meets them: in a thread, with a played model and a real HTTP tool.</summary>
public sealed class AgentTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_calls_its_tool_and_answers_with_what_it_gave()
    {
        await using var server = await FakeServer.StartedAsync(context => context.Response.WriteAsJsonAsync(new { degrees = 21 }, Token));
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server);
        ModelScript.Play(builder, ModelScript.Call(("weather", """{"city":"Oslo"}""")), "It is 21 degrees.");

        var events = await AskAsync(client);

        server.Seen.Single().Target.ShouldBe("/cities/Oslo");
        var steps = events.Where(each => each.Type == ThreadEvents.Step).Select(each => each.Data.Deserialize<ThreadStep>(JsonSerializerOptions.Web)!).ToList(); // objects
        steps.Select(step => (step.Type, step.State, step.Tool)).ShouldBe([("tool", "started", "weather"), ("tool", "succeeded", "weather")]);
        steps[1].Result.ShouldBe("""{"degrees":21}""");
        string.Concat(events.Where(each => each.Type == ThreadEvents.Delta).Select(each => each.Data.GetProperty("text").GetString())).ShouldBe("It is 21 degrees.");
        events[^1].Type.ShouldBe(ThreadEvents.Done);
        events[^1].Data.GetProperty("message").GetProperty("content").GetString().ShouldBe("It is 21 degrees.");

        // What the model was told: instructions and rules, the tool's description, then its own call and the result.
        var asked = builder.Gateway.Seen.Select(call => call.Body).ToList();
        asked[0]["messages"]![0]!["content"]!.GetValue<string>().ShouldBe("You are a clerk.\nRule: Be brief.\nRule: Be kind.");
        asked[0]["tools"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe("weather");
        asked[1]["messages"]!.AsArray().Select(message => message!["role"]!.GetValue<string>()).ShouldBe(["system", "user", "assistant", "tool"]);
        asked[1]["messages"]![2]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>().ShouldBe("""{"city":"Oslo"}""");
        asked[1]["messages"]![3]!["tool_call_id"]!.GetValue<string>().ShouldBe("call_1");
        asked[1]["messages"]![3]!["content"]!.GetValue<string>().ShouldBe("""{"degrees":21}""");
    }

    [Fact]
    public async Task What_a_model_says_before_it_calls_is_a_paragraph_of_the_answer()
    {
        await using var server = await FakeServer.StartedAsync(context => context.Response.WriteAsync("21", Token));
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server);
        ModelScript.Play(builder, new ModelScript.Calls("Let me look.", [("weather", """{"city":"Oslo"}""")]), "It is 21 degrees.");

        var events = await AskAsync(client);

        var streamed = string.Concat(events.Where(each => each.Type == ThreadEvents.Delta).Select(each => each.Data.GetProperty("text").GetString()));
        streamed.ShouldBe("Let me look.\n\nIt is 21 degrees.");
        events[^1].Data.GetProperty("message").GetProperty("content").GetString().ShouldBe(streamed);
        builder.Gateway.Seen.Last().Body["messages"]![2]!["content"]!.GetValue<string>().ShouldBe("Let me look.");
    }

    [Fact]
    public async Task A_tool_that_hangs_is_ended_and_the_model_and_the_user_are_told()
    {
        await using var server = await FakeServer.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server, toolSeconds: 1);
        ModelScript.Play(builder, ModelScript.Call(("weather", """{"city":"Oslo"}""")), "The weather service does not answer.");

        var events = await AskAsync(client);

        var ended = events.Last(each => each.Type == ThreadEvents.Step).Data;
        ended.GetProperty("state").GetString().ShouldBe("failed");
        ended.GetProperty("error").GetString().ShouldBe("'127.0.0.1' did not answer within 1 s.");
        events[^1].Data.GetProperty("message").GetProperty("steps")[0].GetProperty("error").GetString().ShouldBe("'127.0.0.1' did not answer within 1 s.");
        builder.Gateway.Seen.Last().Body["messages"]!.AsArray()[^1]!["content"]!.GetValue<string>().ShouldBe("""{"error":"\u0027127.0.0.1\u0027 did not answer within 1 s."}""");
        events[^1].Type.ShouldBe(ThreadEvents.Done);
    }

    [Theory]
    [InlineData("weather", "{\"city\":", "The arguments are not a JSON object.")]
    [InlineData("weather", "{}", "The argument 'city' is missing.")]
    [InlineData("wether", "{}", "There is no tool 'wether'. There are: weather.")]
    public async Task A_call_that_cannot_be_made_is_an_error_that_the_model_reads(string tool, string arguments, string error)
    {
        await using var server = await FakeServer.StartedAsync();
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server);
        ModelScript.Play(builder, ModelScript.Call((tool, arguments)), "Sorry.");

        var events = await AskAsync(client);

        server.Seen.ShouldBeEmpty();
        events.Last(each => each.Type == ThreadEvents.Step).Data.GetProperty("error").GetString().ShouldBe(error);
        events[^1].Type.ShouldBe(ThreadEvents.Done);
    }

    [Fact]
    public async Task A_tools_refusal_is_an_error_with_its_status()
    {
        await using var server = await FakeServer.StartedAsync(context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("no such city", Token);
        });
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server);
        ModelScript.Play(builder, ModelScript.Call(("weather", """{"city":"Oslo"}""")), "Sorry.");

        var events = await AskAsync(client);

        events.Last(each => each.Type == ThreadEvents.Step).Data.GetProperty("error").GetString().ShouldBe("HTTP 404: no such city");
    }

    [Fact]
    public async Task An_agent_that_only_calls_tools_ends_at_its_step_limit_and_its_last_calls_are_not_made()
    {
        await using var server = await FakeServer.StartedAsync();
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server, maxSteps: 3);
        ModelScript.Play(builder, ModelScript.Call(("weather", """{"city":"Oslo"}""")));

        var events = await AskAsync(client);

        events[^1].Type.ShouldBe(ThreadEvents.Failed);
        var problem = events[^1].Data.GetProperty("problem");
        problem.GetProperty("code").GetString().ShouldBe("step_limit");
        problem.GetProperty("detail").GetString().ShouldBe("The agent 'clerk' did not come to an answer within its 3 steps: in the last one its model still called tools.");
        server.Seen.Count.ShouldBe(2);
        builder.Gateway.Seen.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_agent_that_takes_too_long_ends_at_its_time_limit_and_says_what_it_waited_for()
    {
        await using var server = await FakeServer.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server, maxSeconds: 1);
        ModelScript.Play(builder, ModelScript.Call(("weather", """{"city":"Oslo"}""")));

        var events = await AskAsync(client);

        var problem = events[^1].Data.GetProperty("problem");
        problem.GetProperty("code").GetString().ShouldBe("time_limit");
        problem.GetProperty("status").GetInt32().ShouldBe(504);
        problem.GetProperty("detail").GetString().ShouldBe("The agent 'clerk' did not finish within its 1 s; it was waiting for the tool 'weather'.");
    }

    [Fact]
    public async Task A_tool_inside_the_factory_is_refused_unless_it_is_allowed()
    {
        await using var server = await FakeServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await AgentAsync(builder, server);
        ModelScript.Play(builder, ModelScript.Call(("weather", """{"city":"Oslo"}""")), "Sorry.");

        var events = await AskAsync(client);

        server.Seen.ShouldBeEmpty();
        events.Last(each => each.Type == ThreadEvents.Step).Data.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("Tools:AllowedHosts");
    }

    [Fact]
    public async Task Each_call_is_a_span_in_the_trace_of_the_answer()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BuilderTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await FakeServer.StartedAsync(context => context.Response.WriteAsync("fine", Token));
        await using var builder = await StartAsync(server);
        using var client = await AgentAsync(builder, server, tool: "weather-of-the-span-test");
        ModelScript.Play(builder, ModelScript.Call(("weather-of-the-span-test", """{"city":"Oslo"}""")), "Fine.");

        await AskAsync(client);

        var tool = spans.Single(span => span.OperationName == "execute_tool weather-of-the-span-test");
        tool.GetTagItem("gen_ai.tool.call.id").ShouldBe("call_1");
        var agent = spans.Single(span => span.OperationName == "invoke_agent clerk" && span.SpanId == tool.ParentSpanId);
        agent.GetTagItem("gen_ai.usage.input_tokens").ShouldBe(14L);
        builder.Gateway.Seen.ShouldAllBe(call => call.TraceParent.Contains(agent.TraceId.ToHexString()));
    }

    private Task<BuilderUnderTest> StartAsync(FakeServer server) => BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", $"127.0.0.1:{server.Address.Port}"));

    /// <summary>A developer's client, with the agent <c>clerk</c> and its tool there.</summary>
    private static async Task<HttpClient> AgentAsync(
        BuilderUnderTest builder, FakeServer server, int toolSeconds = 10, int maxSteps = 8, int maxSeconds = 60, string tool = "weather")
    {
        var client = builder.Developer();
        var parameters = JsonSerializer.Deserialize<JsonElement>("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""");
        await client.PostAsync<ToolRequest, ToolResponse>(
            $"{Base}/tools", new ToolRequest(tool, "The weather of a city.", parameters, null, null, $"{server.Address}cities/{{city}}", null, toolSeconds));
        await client.PostAsync<RulesetRequest, RulesetResponse>($"{Base}/rulesets", new RulesetRequest("manners", ["Be brief.", "Be kind."]));
        await client.PostAsync<AgentRequest, AgentResponse>(
            $"{Base}/agents", new AgentRequest("clerk", null, "demo-chat", "You are a clerk.", ["manners"], [tool], null, maxSteps, maxSeconds));
        return client;
    }

    private static async Task<IReadOnlyList<(string Type, JsonElement Data)>> AskAsync(HttpClient client)
    {
        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base}/threads", new ThreadRequest(null, "agent:clerk"));
        return await client.EventsAsync($"{Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("How is the weather in Oslo?"));
    }
}
