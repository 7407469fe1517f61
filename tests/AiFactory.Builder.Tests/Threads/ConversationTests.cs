using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tests.Knowledge;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Threads;

public sealed class ConversationTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_restart_the_third_turn_has_the_first_and_the_thread_shows_messages_calls_and_passages()
    {
        await using var weather = await FakeServer.StartedAsync(context => context.Response.WriteAsync("21 degrees", Token));
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", $"127.0.0.1:{weather.Address.Port}"));
        var model = new ModelScript(
            ModelScript.Call(("weather", """{"city":"Oslo"}"""), ("search_handbook", """{"query":"gateway port"}""")),
            "It is 21 degrees in Oslo, and the port is 8080 [1].", "You are welcome.", "You asked about Oslo, Ada.");
        builder.Gateway.Script = (context, body) =>
            context.Request.Path.Value?.EndsWith("embeddings", StringComparison.Ordinal) == true ? FakeGateway.EmbedAsync(context, body) : model.AnswerAsync(context, body);
        Guid thread;
        using (var client = builder.Developer())
        {
            await MakeAgentAsync(client, weather);
            thread = (await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base}/threads", new ThreadRequest(null, "agent:clerk"))).Id;
            await AskAsync(client, thread, "I am Ada. How warm is Oslo, and which port has the gateway?");
            await AskAsync(client, thread, "Thank you.");
        }

        await builder.RestartAsync();
        using var again = builder.Developer();
        await AskAsync(again, thread, "Which city did I ask about?");

        // 1. What the model read in the third turn.
        var told = builder.Gateway.Seen.Last().Body["messages"]?.AsArray().Select(message => (message?["role"]?.GetValue<string>(), message?["content"]?.GetValue<string>()));
        (string, string)[] turns =
        [
            ("user", "I am Ada. How warm is Oslo, and which port has the gateway?"),
            ("assistant", "It is 21 degrees in Oslo, and the port is 8080 [1]."),
            ("user", "Thank you."),
            ("assistant", "You are welcome."),
            ("user", "Which city did I ask about?"),
        ];
        told.ShouldNotBeNull().ShouldBe([("system", "Be a clerk."), .. turns]);

        // 2. What who comes back reads.
        var messages = (await again.GetAsync<ThreadResponse>($"{Base}/threads/{thread}")).Messages.ShouldNotBeNull();
        messages.Select(message => (message.Role, message.Content)).ShouldBe([.. turns, ("assistant", "You asked about Oslo, Ada.")]);
        var calls = messages[1].Steps.ShouldNotBeNull();
        calls.Select(call => (call.Tool, call.State, call.Arguments)).ShouldBe(
            [("weather", "succeeded", """{"city":"Oslo"}"""), ("search_handbook", "succeeded", """{"query":"gateway port"}""")]);
        calls[0].Result.ShouldBe("21 degrees");
        var passage = messages[1].Passages.ShouldNotBeNull().ShouldHaveSingleItem();
        (passage.KnowledgeBase, passage.DocumentName, passage.Text).ShouldBe(("handbook", "ports.txt", "The gateway listens on port 8080."));
        messages[5].Steps.ShouldBeNull();
    }

    private static async Task MakeAgentAsync(HttpClient client, FakeServer weather)
    {
        await client.CreateBaseAsync("handbook");
        await client.TakeInAsync("handbook", "ports.txt", "The gateway listens on port 8080.");
        var parameters = JsonSerializer.Deserialize<JsonElement>("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""");
        await client.PostAsync<ToolRequest, ToolResponse>(
            $"{Base}/tools", new ToolRequest("weather", "The weather of a city.", parameters, null, null, $"{weather.Address}cities/{{city}}", null, null));
        await client.PostAsync<AgentRequest, AgentResponse>(
            $"{Base}/agents", new AgentRequest("clerk", null, "demo-chat", "Be a clerk.", null, ["weather"], ["handbook"], null, null));
    }

    private static async Task AskAsync(HttpClient client, Guid thread, string content)
    {
        var events = await client.EventsAsync($"{Base}/threads/{thread}/messages", new ThreadMessageRequest(content));
        events[^1].Type.ShouldBe(ThreadEvents.Done, events[^1].Data.GetRawText());
    }
}
