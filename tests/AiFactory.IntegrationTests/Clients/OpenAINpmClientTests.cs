using System.Diagnostics;
using System.Text.Json;
using AiFactory.Testing;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 2: the official OpenAI client for JavaScript, unchanged, against the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class OpenAINpmClientTests(FactoryFixture fixture)
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.IntegrationTests", "npm");

    [Fact]
    public async Task The_npm_client_chats_streams_embeds_and_lists()
    {
        await RunAsync("npm", ["ci", "--ignore-scripts", "--prefer-offline"], []);

        var seen = JsonDocument.Parse(await RunAsync("node", ["openai-client.mjs"], new Dictionary<string, string>
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
        seen.GetProperty("models").EnumerateArray().Select(model => model.GetString()).ShouldBe(["demo-chat", "demo-embed"]);
    }

    private static async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, await error);
        return output;
    }
}
