using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Adapters;

/// <summary>A worker with models that take adapters, a store and a folder of adapters, and who asks it.</summary>
public abstract class AdapterTestBase(GeneratedModels models) : IAsyncLifetime
{
    private protected const string Prompt = "The factory makes many things of many kinds, and each of them has a name of its own that nobody else has. Who asks for a thing says its name and how many are wanted, and hears on which day they will be there and what they cost; who asks for a thing that is not made hears which others are like it.";

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected GeneratedModels Models => models;

    private protected WorkerProcess Worker { get; private set; } = null!; // Set before any test runs.

    private protected HttpClient Operator { get; private set; } = null!; // Likewise.

    private protected HttpClient Developer { get; private set; } = null!; // Likewise.

    private protected string Folder { get; private set; } = ""; // Likewise.

    /// <summary>Of the models that the worker has.</summary>
    private protected virtual IReadOnlyList<string> Names => ["base"];

    private protected virtual Dictionary<string, string?> Settings => [];

    public async ValueTask InitializeAsync()
    {
        var directory = Directory.CreateTempSubdirectory("aifactory-worker-").FullName;
        Folder = Directory.CreateDirectory(Path.Combine(directory, "adapters")).FullName;
        Worker = await WorkerProcess.StartAsync(directory: directory, settings: new(Settings) { ["Adapters:Folder"] = Folder });
        await Worker.AssignAsync([.. Names.Select(name => Worker.Store(models.Endless, name, contextLength: 2048, slots: 2))]);
        Operator = Worker.CreateCaller(Roles.Operator);
        Developer = Worker.CreateCaller();
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await Worker.Library.DisposeAsync();
        Directory.Delete(Worker.Directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Into the store.</summary>
    /// <returns>The digest, without its prefix.</returns>
    private protected string Put(string name, ulong seed) => Write(Path.Combine(Worker.Directory, "objects", "adapters", name), seed);

    private protected string Write(string target, ulong seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? "");
        File.Move(models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = seed }), target, overwrite: true);
        return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(target)));
    }

    private protected async Task LoadedAsync(string name, string path) => (await LoadAsync(name, path)).ShouldBe((HttpStatusCode.OK, $"Success: LoRA adapter '{name}' added successfully."));

    private protected Task<(HttpStatusCode Status, string Text)> LoadAsync(string name, string path, string? basis = null) =>
        PostAsync("/v1/load_lora_adapter", new { lora_name = name, lora_path = path, base_model_name = basis ?? Names[0] });

    private protected Task<(HttpStatusCode Status, string Text)> UnloadAsync(string name) => PostAsync("/v1/unload_lora_adapter", new { lora_name = name });

    private protected async Task<IReadOnlyList<string?>> ListedAsync() =>
        [.. (await Developer.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString())];

    private protected async Task<JsonElement> AskAsync(string model)
    {
        using var answer = await Developer.PostAsJsonAsync("/v1/completions", new { model, prompt = Prompt, max_tokens = 12, temperature = 0 }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private protected static string Text(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("text").GetString() ?? "";

    private protected static int Cached(JsonElement answer) => answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();

    /// <summary>Waits until the metric of a model says so.</summary>
    private protected async Task MetricAsync(params string[] labels)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var lines = (await Developer.GetStringAsync("/metrics/vllm", Token)).Split('\n').Where(line => line.StartsWith("vllm:lora_requests_info{", StringComparison.Ordinal)).ToList();
            if (lines.Exists(line => labels.All(label => line.Contains(label, StringComparison.Ordinal))))
            {
                return;
            }

            patience.IsCancellationRequested.ShouldBeFalse($"{string.Join('\n', lines)} has not {string.Join(", ", labels)}");
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string route, object body)
    {
        using var answer = await Operator.PostAsJsonAsync(route, body, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? text : JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("message").GetString() ?? "");
    }
}
