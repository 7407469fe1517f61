using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Caching;

/// <summary>Questions that mean nearly the same.</summary>
public sealed class SemanticCacheTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_near_question_gets_the_answer_and_a_far_one_or_one_asked_otherwise_does_not()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var chat = await ResponseCacheTests.CountingAsync();
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed), ledger.Setting);

        (await AskAsync(gateway, Body("capital of Norway"))).ShouldBe("miss answer 1");
        (await AskAsync(gateway, Body("Norway's capital"))).ShouldBe("semantic answer 1");
        (await AskAsync(gateway, Body("capital of Norway"))).ShouldBe("hit answer 1");
        (await AskAsync(gateway, Body("capital of Sweden"))).ShouldBe("miss answer 2");
        (await AskAsync(gateway, Body("Norway's capital", system: "Answer in French."))).ShouldBe("miss answer 3");
        (await AskAsync(gateway, Body("Norway's capital").Replace("\"temperature\":0", "\"temperature\":1", StringComparison.Ordinal))).ShouldBe("miss answer 4");
        (await AskAsync(gateway, Body("Norway's capital"), Plan.OtherKey)).ShouldBe("miss answer 5");
        (await AskAsync(gateway, Body("Norway's capital").Replace("\"user\"", "\"tool\"", StringComparison.Ordinal))).ShouldBe("miss answer 6", "only a user's question is one");

        var rows = (await ledger.UntilAsync(rows => rows.Count >= 14)).Where(row => row.Project == "default").ToList();
        rows.Where(row => row.Operation == "chat/completions").Select(row => row.Cache).Order().ToArray().ShouldBe(["hit", "miss", "miss", "miss", "miss", "miss", "semantic"]);
        rows.Single(row => row.Cache == "semantic").CompletionTokens.ShouldBe(0);
        rows.Count(row => row.Operation == "embeddings" && row.RequestedModel == "embed").ShouldBe(5, "each question that was not there is embedded, in its project's name");
        chat.Seen.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Where_questions_cannot_be_embedded_they_are_asked_as_they_are()
    {
        await using var chat = await ResponseCacheTests.CountingAsync();
        await using var embed = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"no"}}""", 400));
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed), ("Caching:SemanticWait", "00:00:05"));

        (await AskAsync(gateway, Body("capital of Norway"))).ShouldBe("miss answer 1");
        (await AskAsync(gateway, Body("Norway's capital"))).ShouldBe("miss answer 2");
        (await AskAsync(gateway, Body("capital of Norway"))).ShouldBe("hit answer 1");
        embed.Script = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var impatient = await GatewayUnderTest.StartAsync(Of(chat, embed), ("Caching:SemanticWait", "00:00:00.050"));
        (await AskAsync(impatient, Body("capital of Norway"))).ShouldBe("miss answer 3");
    }

    [Fact]
    public void The_index_finds_the_nearest_first_and_keeps_to_its_bound()
    {
        var index = new SemanticIndex(Options.Create(new CachingOptions { SemanticQuestions = 3 }));
        index.Add(Key(100), [1, 0], Key(1));
        index.Add(Key(100), [0.8f, 0.6f], Key(2));
        index.Add(Key(200), [1, 0], Key(3));

        index.Near(Key(100), [0.9f, 0.43589f], 0.5).ShouldBe([Key(2), Key(1)]);
        index.Near(Key(100), [0.9f, 0.43589f], 0.95).ShouldBe([Key(2)]);
        index.Near(Key(100), [1, 0, 0], 0.5).ShouldBeEmpty("a vector of another length is of another model");

        index.Near(Key(200), [1, 0], 0.5).ShouldBe([Key(3)]);
        index.Add(Key(200), [0, 1], Key(4));
        index.Count.ShouldBe(3);
        index.Near(Key(100), [1, 0], 0.5).ShouldBe([Key(2)], "the oldest of what was asked about longest ago has gone");
        index.Remove(Key(200), Key(3));
        index.Near(Key(200), [1, 0], 0.5).ShouldBeEmpty();
    }

    private static CacheKey Key(int number) => CacheKey.Of(BitConverter.GetBytes(number));

    private static string Body(string question, string system = "Answer in a word.") => JsonSerializer.Serialize(new
    {
        model = "demo-chat",
        temperature = 0,
        messages = new[] { new { role = "system", content = system }, new { role = "user", content = question } },
    });

    private static Plan Of(FakeWorker chat, FakeWorker embed) => Plan.Of(
        Plan.Deployment("demo-chat", "default", "chat", "factory", chat) with { Cache = new CachePolicy { Responses = true, Semantic = new SemanticCachePolicy { Embeddings = "embed", Threshold = 0.9 } } },
        Plan.Deployment("embed", "default", "embedding", "project", embed));

    /// <summary>A question's direction is its country's, with a little of its first letter.</summary>
    private static Task<FakeWorker> EmbedderAsync() => FakeWorker.StartedAsync(context =>
    {
        using var body = JsonDocument.Parse((string)context.Items[FakeWorker.BodyItem]!); // the worker sets it
        var text = body.RootElement.GetProperty("input")[0].GetString() ?? "";
        var vector = $"[{(text.Contains("Norway", StringComparison.Ordinal) ? 10 : 0)},{(text.Contains("Sweden", StringComparison.Ordinal) ? 10 : 0)},{(text.StartsWith('N') ? 1 : 0)}]";
        return FakeWorker.WriteJsonAsync(context, $$$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":{{{vector}}}}],"model":"embed","usage":{"prompt_tokens":3,"total_tokens":3}}""");
    });

    private static async Task<string> AskAsync(GatewayUnderTest gateway, string body, string key = Plan.DeveloperKey)
    {
        using var response = await gateway.ChatAsync(body, key);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return $"{ResponseCacheTests.Mark(response)} {ResponseCacheTests.Answer(await GatewayUnderTest.TextAsync(response))}";
    }
}
