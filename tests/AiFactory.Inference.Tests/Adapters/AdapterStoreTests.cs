using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Inference.Tests.Weights;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Objects;
using AiFactory.Testing.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Inference.Tests.Adapters;

/// <summary>Adapters in a bucket that refuses, is away, is silent, or has objects that are none of a caller's business.</summary>
public sealed class AdapterStoreTests(GeneratedModels models) : IAsyncLifetime
{
    private const string Key = "a key for callers";

    private readonly string _cache = Directory.CreateTempSubdirectory("aifactory-standalone-").FullName;
    private S3Server _server = null!; // Set before any test runs.
    private S3Edge _edge = null!; // Likewise.
    private StandaloneWorker _worker = null!; // Likewise.
    private HttpClient _client = null!; // Likewise.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await S3Server.StartAsync(Token);
        var adapter = models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = 1 });
        var large = models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = 1, Rank = 16 });
        await PutAsync((models.Endless, "models/base.gguf"), (adapter, "adapters/one.gguf"), (adapter, "secrets/one.gguf"), (large, "adapters/large.gguf"));
        _edge = new S3Edge(_server.Endpoint);
        await _edge.StartAsync();
        _worker = StandaloneWorker.Start(new()
        {
            ["AIFACTORY_MODEL_URI"] = "s3://weights/models/base.gguf",
            ["AIFACTORY_MODEL_NAME"] = "base",
            ["AIFACTORY_API_KEY"] = Key,
            ["AWS_ENDPOINT_URL"] = _edge.Address.ToString(),
            ["AWS_ACCESS_KEY_ID"] = S3Server.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = S3Server.SecretKey,
            ["Adapters__Prefix"] = "adapters/",
            ["Adapters__LargestBytes"] = $"{new FileInfo(adapter).Length}",
            ["Cache__Directory"] = _cache,
            ["Cache__IdleTimeout"] = "00:00:02",
        });
        await _worker.WaitUntilReadyAsync(Token);
        _client = _worker.CreateCaller(Key);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _worker.DisposeAsync();
        await _edge.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public async Task A_store_that_refuses_is_away_or_is_silent_is_told_and_afterwards_the_adapter_comes()
    {
        _edge.Refusal = HttpStatusCode.Forbidden;
        var refused = await LoadAsync("adapters/one.gguf");
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.BadGateway, "store_refused"));
        refused.Message.ShouldContain("refuses this worker 'adapters/one.gguf' (403");

        _edge.Refusal = HttpStatusCode.InternalServerError;
        var broken = await LoadAsync("adapters/one.gguf");
        (broken.Status, broken.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "store_unreachable"));

        _edge.Refusal = null;
        _edge.IsSilent = true;
        var silent = await LoadAsync("adapters/one.gguf");
        (silent.Status, silent.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "store_unreachable"));

        await _edge.KillAsync();
        var away = await LoadAsync("adapters/one.gguf");
        (away.Status, away.Code, away.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, "store_unreachable", TimeSpan.FromSeconds(5)));
        foreach (var told in new[] { refused.Message, broken.Message, silent.Message, away.Message, _worker.Output })
        {
            told.ShouldNotContain(S3Server.SecretKey);
            told.ShouldNotContain(S3Server.AccessKey);
        }

        _worker.Output.ShouldContain("The adapter one for base is not there: The object store refuses");
        _edge.IsSilent = false;
        await _edge.StartAsync();
        (await LoadAsync("adapters/one.gguf")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_object_that_is_too_large_or_elsewhere_is_refused_before_a_byte_of_it_is_fetched()
    {
        var before = _edge.Given;
        foreach (var (key, says) in new[]
        {
            ("adapters/large.gguf", "Adapters:LargestBytes allows"),
            ("secrets/one.gguf", "must begin with 'adapters/' (Adapters:Prefix)"),
            ("models/base.gguf", "must begin with 'adapters/' (Adapters:Prefix)"),
        })
        {
            var (status, code, message, _) = await LoadAsync(key);
            (status, code).ShouldBe((HttpStatusCode.BadRequest, "adapter_refused"), key);
            message.ShouldContain(says);
            _edge.Given.ShouldBe(before, key);
        }

        (await LoadAsync("adapters/one.gguf")).Status.ShouldBe(HttpStatusCode.OK);
        _edge.Given.ShouldBeGreaterThan(before);
    }

    private async Task<(HttpStatusCode Status, string? Code, string Message, TimeSpan? RetryAfter)> LoadAsync(string key)
    {
        using var answer = await _client.PostAsJsonAsync("/v1/load_lora_adapter", new { lora_name = "one", lora_path = $"s3://weights/{key}" }, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        if (answer.IsSuccessStatusCode)
        {
            return (answer.StatusCode, null, text, null);
        }

        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        return (answer.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("message").GetString() ?? "", answer.Headers.RetryAfter?.Delta);
    }

    private async Task PutAsync(params (string Path, string Key)[] files)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:objects", _server.ConnectionString("weights"))]);
        builder.AddObjectStore("objects");
        builder.Services.AddSingleton(TimeProvider.System);
        await using var services = builder.Services.BuildServiceProvider();
        foreach (var (path, key) in files)
        {
            await using var file = File.OpenRead(path);
            (await services.GetRequiredService<IObjectStore>().PutAsync(key, file, cancellationToken: Token)).ShouldBeOfType<PutResult.Stored>();
        }
    }
}
