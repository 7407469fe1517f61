using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using AiFactory.Inference.Tests.Weights;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Objects;
using AiFactory.Testing.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Inference.Tests.Fleet;

/// <summary>A worker that is told by its environment alone which model it serves, as a container is.</summary>
public sealed class ModelByEnvironmentTests(GeneratedModels models) : IDisposable
{
    private const string Key = "a key for callers";
    private const int RangeBytes = 65_536;
    private const int Connections = 4;

    private readonly string _cache = Directory.CreateTempSubdirectory("aifactory-standalone-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public async Task A_model_in_a_bucket_is_fetched_in_ranges_and_a_worker_that_was_killed_goes_on_where_it_was()
    {
        await using var s3 = await S3Server.StartAsync(Token);
        await PutAsync(s3, models.Chat, "models/random.gguf");
        var size = new FileInfo(models.Chat).Length;
        await using var edge = new S3Edge(s3.Endpoint) { HoldAfter = size / 2 };
        await edge.StartAsync();
        var environment = Environment("s3://weights/models/random.gguf", ("AWS_ENDPOINT_URL", edge.Address.ToString()), ("AWS_ACCESS_KEY_ID", S3Server.AccessKey), ("AWS_SECRET_ACCESS_KEY", S3Server.SecretKey));

        await using (var killed = StandaloneWorker.Start(environment))
        {
            await edge.Reached.WaitAsync(TimeSpan.FromMinutes(2), Token);
            using var waiting = killed.CreateCaller(null);
            (await waiting.GetAsync("/readyz", Token)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await killed.KillAsync();
        }

        var before = edge.Given;
        before.ShouldBeGreaterThan(size / 3);
        edge.Open();
        await using var worker = StandaloneWorker.Start(environment);
        await worker.WaitUntilReadyAsync(Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{size} bytes: {before} before the kill, {edge.Given - before} after, {edge.Given - size} asked twice");
        (edge.Given - size).ShouldBeInRange(0, Connections * RangeBytes);
        worker.Output.ShouldContain($"has the digest sha256:{await DigestAsync(models.Chat)}");
        await ShouldServeAsync(worker, "random");
    }

    [Fact]
    public async Task A_file_is_served_where_it_lies_and_strangers_are_refused()
    {
        await using var worker = StandaloneWorker.Start(Environment($"file://{models.Chat}?digest=sha256:{await DigestAsync(models.Chat)}", ("AIFACTORY_MODEL_NAME", "mine"), ("AIFACTORY_CONTEXT_LENGTH", "128"), ("AIFACTORY_SLOTS", "1")));
        await worker.WaitUntilReadyAsync(Token);
        await ShouldServeAsync(worker, "mine");
        using var stranger = worker.CreateCaller("another key, as long");
        (await stranger.GetAsync("/v1/models", Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var owner = worker.CreateCaller(Key);
        var tooLong = await owner.PostAsJsonAsync("/v1/completions", new { model = "mine", prompt = "x", max_tokens = 128 }, Token);
        tooLong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await tooLong.Content.ReadAsStringAsync(Token)).ShouldContain("128");
        Directory.EnumerateFiles(_cache, "*.gguf", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_embedding_model_in_a_folder_is_known_by_its_file()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_cache, "mnt", "models")).FullName;
        File.Copy(models.Embedding, Path.Combine(folder, "embed.gguf"));
        await using var worker = StandaloneWorker.Start(Environment(folder, ("AIFACTORY_MODEL_NAME", "embed")));
        await worker.WaitUntilReadyAsync(Token);
        using var client = worker.CreateCaller(Key);
        (await client.PostAsJsonAsync("/v1/embeddings", new { model = "embed", input = "a text" }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_file_of_another_digest_is_never_served()
    {
        var wrong = new string('0', 64);
        await using var worker = StandaloneWorker.Start(Environment($"{models.Chat}?digest=sha256:{wrong}"));
        using var client = worker.CreateCaller(null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        var health = "";
        while (!health.Contains("was changed or damaged", StringComparison.Ordinal))
        {
            try
            {
                var answer = await client.GetAsync("/readyz", patience.Token);
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                health = await answer.Content.ReadAsStringAsync(patience.Token);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }

    [Fact]
    public async Task Without_a_key_it_does_not_start_and_says_which_variable_is_missing()
    {
        var environment = Environment(models.Chat);
        environment.Remove("AIFACTORY_API_KEY");
        await using var worker = StandaloneWorker.Start(environment);
        (await worker.WaitForEndAsync(Token)).ShouldNotBe(0);
        worker.Output.ShouldContain("AIFACTORY_API_KEY");
    }

    private static async Task ShouldServeAsync(StandaloneWorker worker, string name)
    {
        using var client = worker.CreateCaller(Key);
        var listed = await client.GetFromJsonAsync<JsonElement>("/v1/models", Token);
        listed.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe(name);
        var answer = await client.PostAsJsonAsync("/v1/chat/completions", new { model = name, messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 2 }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task PutAsync(S3Server s3, string path, string key)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:objects", s3.ConnectionString("weights"))]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddObjectStore("objects");
        using var host = builder.Build();
        await using var file = File.OpenRead(path);
        (await host.Services.GetRequiredService<IObjectStore>().PutAsync(key, file, cancellationToken: Token)).EnsureStored();
    }

    private static async Task<string> DigestAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, Token));
    }

    private Dictionary<string, string?> Environment(string uri, params (string Name, string Value)[] more) => new((KeyValuePair<string, string?>[])
    [
        new("AIFACTORY_MODEL_URI", uri),
        new("AIFACTORY_API_KEY", Key),
        new("Cache__Directory", _cache),
        new("Cache__RangeBytes", $"{RangeBytes}"),
        new("Cache__Connections", $"{Connections}"),
        .. more.Select(pair => new KeyValuePair<string, string?>(pair.Name, pair.Value)),
    ]);
}
