using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Agents;

/// <summary>An agent as a step of a flow, and a knowledge base as an agent's tool.</summary>
public sealed class AgentStepTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_in_a_flow_searches_and_its_passages_come_with_the_answer()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await KnowledgeAsync(client);
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base}/agents", new AgentRequest("clerk", null, "demo-chat", null, null, null, ["handbook"], null, null));
        await FlowAsync(client);
        var script = new ModelScript(ModelScript.Call(("search_handbook", """{"query":"gateway port"}""")), "It listens on 8080 [1].");
        builder.Gateway.Script = (context, body) => context.Request.Path.Value!.EndsWith("embeddings", StringComparison.Ordinal) // a path is there
            ? FakeGateway.EmbedAsync(context, body)
            : script.AnswerAsync(context, body);
        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base}/threads", new ThreadRequest(null, "flow:ask-clerk"));

        var events = await client.EventsAsync($"{Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Where does the gateway listen?"));

        var message = events[^1].Data.GetProperty("message").Deserialize<ThreadMessageResponse>(JsonSerializerOptions.Web)!; // an object
        message.Content.ShouldBe("It listens on 8080 [1].");
        message.Passages.ShouldNotBeNull()[0].Text.ShouldContain("port 8080");
        var told = builder.Gateway.Seen.Last(call => call.Path.EndsWith("completions", StringComparison.Ordinal)).Body["messages"]!.AsArray()[^1]!;
        told["role"]!.GetValue<string>().ShouldBe("tool");
        told["content"]!.GetValue<string>().ShouldStartWith("[1] The gateway listens on port 8080.");
    }

    [Fact]
    public async Task A_knowledge_base_that_is_not_there_is_an_error_that_the_model_reads()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base}/agents", new AgentRequest("clerk", null, "demo-chat", null, null, null, ["none"], null, null));
        ModelScript.Play(builder, ModelScript.Call(("search_none", """{"query":"a"}""")), "Sorry.");
        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base}/threads", new ThreadRequest(null, "agent:clerk"));

        var events = await client.EventsAsync($"{Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Hello"));

        events.Last(each => each.Type == ThreadEvents.Step).Data.GetProperty("error").GetString().ShouldBe("There is no knowledge base 'none'.");
        events[^1].Type.ShouldBe(ThreadEvents.Done);
    }

    /// <summary>A call's key was its place in the answer: made in another order, a call passed for another.</summary>
    [Fact]
    public async Task A_call_has_the_same_key_when_the_answer_is_begun_again_and_comes_to_it_by_another_way()
    {
        await using var server = await FakeServer.StartedAsync(context => context.Response.WriteAsync("fine", Token));
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", $"127.0.0.1:{server.Address.Port}"));
        using var client = builder.Developer();
        await client.PostAsync<ToolRequest, ToolResponse>($"{Base}/tools", new ToolRequest("order", "Orders.", null, null, "POST", $"{server.Address}orders", null, null));
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base}/agents", new AgentRequest("clerk", null, "demo-chat", null, null, ["order"], null, null, null));
        await FlowAsync(client, retries: 1);
        var script = new ModelScript(
            ModelScript.Call(("order", """{"what":"tea","count":2}"""), ("order", """{"what":"milk"}""")),
            ModelScript.Call(("order", """{"what":"milk"}"""), ("order", """{ "count": 2, "what": "tea" }"""), ("order", """{"what":"milk"}""")),
            "Ordered.");
        var asked = 0;
        builder.Gateway.Script = async (context, body) =>
        {
            if (Interlocked.Increment(ref asked) == 2)
            {
                context.Response.ContentType = "text/event-stream";
                await FakeGateway.WriteAsync(context, new { id = "c", @object = "o", created = 1, model = "m", choices = new[] { new { index = 0, delta = new { content = "Well" } } } });
                context.Abort();
                return;
            }

            await script.AnswerAsync(context, body);
        };

        var run = await client.EndedRunAsync((await client.StartRunAsync("ask-clerk", new { text = "Tea and milk" })).Id);

        run.Text().ShouldBe("Ordered.", run.Error);
        var keys = server.Seen.Select(request => request.Headers["Idempotency-Key"]).ToList();
        keys.Count.ShouldBe(5);
        keys[2..4].ShouldBe([keys[1], keys[0]]);
        keys.Distinct().Count().ShouldBe(3);
        keys.ShouldAllBe(key => key.StartsWith($"{run.Id}/clerk/"));
    }

    private static async Task KnowledgeAsync(HttpClient client)
    {
        await client.PostAsync($"{Base}/knowledge-bases", new KnowledgeBaseRequest("handbook", null, null, null, null));
        using var content = new StringContent("The gateway listens on port 8080.");
        using var uploaded = await client.PostAsync(new Uri($"{Base}/knowledge-bases/handbook/documents?name=ports.txt", UriKind.Relative), content, Token);
        uploaded.IsSuccessStatusCode.ShouldBeTrue();
        await client.UntilAsync<Page<DocumentResponse>>($"{Base}/knowledge-bases/handbook/documents", page => page.Items.Single().State == DocumentStates.Ready);
    }

    private static async Task FlowAsync(HttpClient client, int retries = 0)
    {
        await client.PostAsync($"{Base}/flows", new FlowRequest("ask-clerk", "", "blank", null, null));
        var settings = new Dictionary<string, JsonElement> { ["agent"] = JsonSerializer.SerializeToElement("clerk"), ["retries"] = JsonSerializer.SerializeToElement(retries) };
        var graph = new FlowGraph(
            [
                new FlowNode("input", "input", null, 0, 0, null),
                new FlowNode("clerk", "agent", null, 200, 0, settings),
                new FlowNode("output", "output", null, 400, 0, null),
            ],
            [new FlowEdge("1", "input", "text", "clerk", "text"), new FlowEdge("2", "clerk", "text", "output", "text")]);
        using var saved = await client.PutAsJsonAsync($"{Base}/flows/ask-clerk/graph", new GraphRequest(1, graph), Token);
        (await saved.ReadAsync<GraphSaved>()).Problems.ShouldBeEmpty();
    }
}
