using System.Text.Json.Nodes;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Images;

/// <summary>OpenAI's own client for JavaScript, unchanged, against images and moderations.</summary>
public sealed class OpenAIClientTests(PostgresFixture postgres)
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    [Fact]
    public async Task It_shows_an_image_by_its_address_reads_its_bytes_and_a_verdict_of_the_rules()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, $$"""{"created":7,"data":[{"b64_json":"{{Png}}"}]}"""));
        await using var gateway = await bench.StartAsync(Plan.Of(CloudPlan.Cloud("paint", service, task: "image")) with
        {
            Guardrails = [new GuardrailRoute("default", null, 1, [new() { Name = "rivals", Kind = "words", Action = "flag", Words = ["Acme"] }])],
        });

        var seen = JsonNode.Parse(await ClientPackages.Npm.RunAsync("openai-images.mjs", new Dictionary<string, string>
        {
            ["BASE_URL"] = $"{gateway.Client.BaseAddress}v1",
            ["API_KEY"] = Plan.DeveloperKey,
        }, cancellationToken: TestContext.Current.CancellationToken));

        seen?.ToJsonString().ShouldBe(JsonNode.Parse(
            $$$"""{"link":{"status":200,"type":"image/png","bytes":"{{{Png}}}"},"bytes":"{{{Png}}}","flagged":[false,true],"violence":false,"missing":{"class":"NotFoundError","code":"model_not_found"}}""")?.ToJsonString());
    }
}
