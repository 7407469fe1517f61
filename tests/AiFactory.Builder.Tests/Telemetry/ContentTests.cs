using System.Collections.Concurrent;
using System.Diagnostics;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Telemetry;

/// <summary>Spans and logs say that something failed; what a service or a model has said with it is the project's.</summary>
public sealed class ContentTests(PostgresFixture postgres)
{
    private const string Said = "iban-DE02-of-a-customer";
    private const string Tool = "ask-of-the-content-test";
    private const string Agent = "clerk-of-the-content-test";

    [Fact]
    public async Task What_a_service_answers_to_a_failed_call_is_in_no_span_and_in_no_log()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host));
        using var client = builder.Developer();
        using var log = new Logged();
        builder.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(spans);
        tool.Script = context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync(Said);
        };
        await client.MakeFlowAsync("call", Around(Node("call", "http", ("url", tool.Address.ToString())), "in"));
        await client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/call/publish", new PublishRequest("call", null));
        await client.PostAsync<ToolRequest, ToolResponse>($"{Base.Base}/tools", new ToolRequest(Tool, "Asks", null, null, "GET", tool.Address.ToString(), null, null));
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base.Base}/agents", new AgentRequest(Agent, null, "demo-chat", null, null, [Tool], null, null, null));

        // 1. A step, in a thread and as a model. 2. A tool of an agent. 3. A model that refuses.
        var thread = await AskAsync(client, "flow:call");
        using var chat = await client.PostAsync("/v1/chat/completions", new { model = "flow/call", messages = new[] { new { role = "user", content = "Hi" } } });
        ModelScript.Play(builder, ModelScript.Call((Tool, "{}")), "Sorry.");
        var told = await AskAsync(client, $"agent:{Agent}");
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync($$$"""{"error":{"message":"{{{Said}}}","type":"invalid_request_error","param":null,"code":"refused"}}""");
        };
        var refused = await AskAsync(client, $"agent:{Agent}");

        (await chat.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(Said);
        new[] { thread, told, refused }.ShouldAllBe(answer => answer.Contains(Said));
        var failed = spans.Where(span => span.Status == ActivityStatusCode.Error).Select(span => span.OperationName).ToHashSet();
        new[] { "step http", $"execute_tool {Tool}", $"invoke_agent {Agent}" }.ShouldBeSubsetOf(failed);
        spans.ShouldAllBe(span => span.StatusDescription == null && !span.TagObjects.Any(tag => $"{tag.Value}".Contains(Said)) && !span.Events.Any());
        log.Lines.Count(line => line.StartsWith("4401 ") || line.StartsWith("4501 ")).ShouldBe(3);
        log.Lines.ShouldAllBe(line => !line.Contains(Said));
    }

    private static async Task<string> AskAsync(HttpClient client, string target)
    {
        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base.Base}/threads", new ThreadRequest(null, target));
        var events = await client.EventsAsync($"{Base.Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Hello"));
        return string.Concat(events.Select(each => each.Data.GetRawText()));
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
