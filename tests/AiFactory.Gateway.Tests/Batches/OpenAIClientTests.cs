using System.Text.Json.Nodes;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Batches;

/// <summary>OpenAI's own client for JavaScript, unchanged, against files and batches.</summary>
public sealed class OpenAIClientTests(PostgresFixture postgres)
{
    [Fact]
    public async Task It_uploads_runs_a_batch_reads_its_output_turns_pages_and_raises_our_errors()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await bench.StartAsync(Plan.Chat(worker));

        var seen = JsonNode.Parse(await ClientPackages.Npm.RunAsync("openai-batches.mjs", new Dictionary<string, string>
        {
            ["BASE_URL"] = $"{gateway.Client.BaseAddress}v1",
            ["API_KEY"] = Plan.DeveloperKey,
        }, cancellationToken: TestContext.Current.CancellationToken));

        string At(string path) => WorkClient.Text(seen, path);
        (At("file.filename"), At("file.purpose"), At("processed"), At("same")).ShouldBe(("in.jsonl", "batch", "processed", "true"));
        ((long?)seen?["file"]?["expires_at"]).ShouldBe((long?)seen?["file"]?["created_at"] + 3600);
        (At("created"), At("batch.status"), At("batch.metadata.run"), At("batch.request_counts.completed")).ShouldBe(("validating", "completed", "7", "2"));
        seen?["output"]?.AsArray().Select(line => (WorkClient.Text(line, "custom_id"), WorkClient.Text(line, "response.body.usage.total_tokens"))).ShouldBe([("a", "11"), ("b", "11")]);
        seen?["batches"]?.ToJsonString().ShouldBe("[true]");
        seen?["files"]?.ToJsonString().ShouldBe("""["batch","batch_output"]""");
        seen?["errors"]?.ToJsonString().ShouldBe(
            """{"cancel":{"class":"ConflictError","status":409,"code":"batch_not_cancellable"},"missing":{"class":"NotFoundError","status":404,"code":"file_not_found"},"purpose":{"class":"BadRequestError","status":400,"code":"invalid_purpose"}}""");
        At("deleted.deleted").ShouldBe("true");
        seen?["batch"]?["usage"]?.ToJsonString().ShouldBe("""{"input_tokens":18,"input_tokens_details":{"cached_tokens":0},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":22}""");
        seen?["upload"]?.ToJsonString().ShouldBe("""{"pending":"pending","part":"upload.part","completed":"completed","name":"parts.jsonl","same":true,"cancelled":"cancelled"}""");
        worker.Seen.Count.ShouldBe(2);
    }
}
