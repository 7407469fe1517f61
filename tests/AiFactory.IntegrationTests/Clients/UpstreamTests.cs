using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Library;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 16 on the running factory, which is the private endpoint of its own: the credential is an API key, and what answers is a real model.</summary>
[Collection(SharedFactory.Name)]
public sealed class UpstreamTests(FactoryFixture fixture)
{
    [Fact]
    public async Task A_model_of_another_service_is_named_tested_asked_and_gone_again()
    {
        var factory = fixture.Factory;
        using var admin = new LibraryClient(factory);
        var path = LibraryClient.Project("/upstreams");
        var request = new UpstreamRequest("neighbour", "openai", $"{factory.GatewayAddress}v1", [new UpstreamModel("neighbour-chat", "demo-chat")]) { Credential = factory.Settings.AdminKey };

        var created = await admin.PostAsync<UpstreamResponse>(path, request);
        var test = await admin.PostAsync<UpstreamTest>($"{path}/neighbour/test", null);
        var answer = await AskAsync(admin, HttpStatusCode.OK);
        using var gone = await admin.Http.DeleteAsync($"{path}/neighbour", TestContext.Current.CancellationToken);
        await AskAsync(admin, HttpStatusCode.NotFound);

        created.Credential.ShouldNotBeNull().EndsWith.ShouldBe(factory.Settings.AdminKey[^4..]);
        test.Code.ShouldBe("ok", test.Message);
        var root = JsonDocument.Parse(answer).RootElement;
        root.GetProperty("model").GetString().ShouldBe("demo-chat", "the model that answered");
        root.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldNotBeNullOrWhiteSpace();
        root.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBeGreaterThan(0);
        gone.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    /// <summary>An upstream's birth and end reach the gateway with the next snapshot.</summary>
    private static async Task<string> AskAsync(LibraryClient client, HttpStatusCode wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await client.Http.PostAsJsonAsync(
                "v1/chat/completions", new { model = "neighbour-chat", max_tokens = 8, messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.StatusCode == wanted)
            {
                return text;
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(LibraryClient.Patience, text);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
