using System.Text.Json;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 2: the official OpenAI client for JavaScript, unchanged, against the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class OpenAINpmClientTests(FactoryFixture fixture)
{
    [Fact]
    public async Task The_npm_client_chats_streams_embeds_lists_and_runs_a_batch()
    {
        var seen = JsonDocument.Parse(await NpmClient.RunAsync("openai-client.mjs", new Dictionary<string, string>
        {
            ["BASE_URL"] = new Uri(fixture.Factory.GatewayAddress, "v1").ToString(),
            ["API_KEY"] = fixture.Factory.Settings.AdminKey,
        })).RootElement;

        seen.GetProperty("chat").GetProperty("role").GetString().ShouldBe("assistant");
        seen.GetProperty("chat").GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBeInRange(1, 24);
        seen.GetProperty("stream").GetProperty("chunks").GetInt32().ShouldBeGreaterThan(2);
        seen.GetProperty("stream").GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBeInRange(1, 24);
        seen.GetProperty("stream").GetProperty("finish").GetString().ShouldBeOneOf("stop", "length");
        seen.GetProperty("embeddings").GetProperty("count").GetInt32().ShouldBe(256);
        seen.GetProperty("embeddings").GetProperty("ordered").GetBoolean().ShouldBeTrue();
        // A flow that another test has published is listed for some seconds after it is gone.
        seen.GetProperty("models").EnumerateArray().Select(model => model.GetString() ?? "").Where(id => !id.StartsWith("flow/", StringComparison.Ordinal)).ShouldBe(["demo-chat", "demo-embed"]);
        seen.GetProperty("batch").GetRawText().ShouldBe(
            """{"status":"completed","counts":{"total":2,"completed":2,"failed":0},"lines":[["request-0","chat.completion",true],["request-1","chat.completion",true]]}""");
    }
}
