using System.Text.Json;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 2: what applications are built with, unchanged, against the gateway and the models that ship: chat, stream, tools, answers of a given shape, vectors.</summary>
[Collection(SharedFactory.Name)]
public sealed class FrameworkClientTests(FactoryFixture fixture)
{
    [Theory]
    [InlineData("langchain-client.mjs")]
    [InlineData("ai-sdk-client.mjs")]
    public async Task A_framework_chats_streams_calls_tools_gets_its_shape_and_embeds(string script)
    {
        var seen = JsonDocument.Parse(await NpmClient.RunAsync(script, new Dictionary<string, string>
        {
            ["BASE_URL"] = new Uri(fixture.Factory.GatewayAddress, "v1").ToString(),
            ["API_KEY"] = fixture.Factory.Settings.AdminKey,
        })).RootElement;

        seen.GetProperty("chat").GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
        seen.GetProperty("chat").GetProperty("tokens").GetInt32().ShouldBeInRange(1, 48);
        seen.GetProperty("stream").GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
        seen.GetProperty("stream").GetProperty("chunks").GetInt32().ShouldBeGreaterThan(2);
        seen.GetProperty("stream").GetProperty("tokens").GetInt32().ShouldBeInRange(1, 48);
        seen.GetProperty("tool").GetProperty("name").GetString().ShouldBe("get_weather");
        seen.GetProperty("tool").GetProperty("args").GetProperty("city").ValueKind.ShouldBe(JsonValueKind.String);
        seen.GetProperty("tool").GetProperty("result").GetString().ShouldBe($"It is 21 degrees in {seen.GetProperty("tool").GetProperty("args").GetProperty("city").GetString()}.");
        seen.GetProperty("tool").GetProperty("said").GetString().ShouldNotBeNull();
        seen.GetProperty("structured").GetBoolean().ShouldBeTrue();
        seen.GetProperty("embeddings").GetProperty("count").GetInt32().ShouldBe(5);
        seen.GetProperty("embeddings").GetProperty("dimensions").GetInt32().ShouldBe(96);
        seen.GetProperty("missing").GetProperty("status").GetInt32().ShouldBe(404);
        seen.GetProperty("missing").GetProperty("code").GetString().ShouldBe("model_not_found");
    }
}
