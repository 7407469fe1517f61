using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;

namespace AiFactory.Inference.Tests.Adapters;

/// <summary>Adapters that a container is told of by its environment.</summary>
public sealed class AdapterSettingTests(GeneratedModels models) : IDisposable
{
    private const string Key = "a key for callers";

    private readonly string _cache = Directory.CreateTempSubdirectory("aifactory-standalone-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public async Task A_worker_is_ready_when_its_model_and_its_adapters_are()
    {
        var (one, two) = (models.WriteAdapter("setting-one.gguf", new LoraAdapterOptions { Seed = 1 }), models.WriteAdapter("setting-two.gguf", new LoraAdapterOptions { Seed = 2 }));
        await using var worker = StandaloneWorker.Start(Environment($"one={one},\n two=file://{two}"));
        await worker.WaitUntilReadyAsync(Token);
        using var client = worker.CreateCaller(Key);
        var listed = (await client.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().ToList();
        listed.Select(model => model.GetProperty("id").GetString()).ShouldBe(["mine", "one", "two"]);
        listed.Skip(1).ShouldAllBe(model => model.GetProperty("parent").GetString() == "mine");
        var answers = new List<string>();
        foreach (var model in new[] { "mine", "one", "two" })
        {
            answers.Add(await AnswerAsync(client, model));
        }

        answers.Distinct().Count().ShouldBe(3);
        // The owner's key may unload; without a folder no file may be named, and without a store no object.
        (await client.PostAsJsonAsync("/v1/unload_lora_adapter", new { lora_name = "one" }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var (path, says) in new[] { (one, "Adapters:Folder"), ("s3://bucket/one.gguf", "has no object store") })
        {
            using var refused = await client.PostAsJsonAsync("/v1/load_lora_adapter", new { lora_name = "one", lora_path = path }, Token);
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await refused.Content.ReadAsStringAsync(Token)).ShouldContain(says);
        }
    }

    [Fact]
    public async Task An_adapter_of_another_model_keeps_the_worker_from_being_ready_and_is_named()
    {
        var path = Path.Combine(_cache, "other.gguf");
        Weights.Gguf.AdapterFile.Write(Weights.Gguf.AdapterFile.Of("qwen2", Weights.Gguf.AdapterFile.Pair("blk.0.attn_q.weight", [128, 4], [4, 128])), path);
        await using var worker = StandaloneWorker.Start(Environment($"other={path}"));
        using var client = worker.CreateCaller(null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        var health = "";
        while (!health.Contains("has the architecture", StringComparison.Ordinal))
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

        health.ShouldContain("of the settings cannot be loaded");
    }

    [Fact]
    public async Task A_model_that_wakes_is_served_without_the_adapters_whose_files_are_gone_changed_or_unreadable()
    {
        string[] names = ["kept", "deleted", "changed", "unreadable"];
        var paths = names.ToDictionary(name => name, name => Path.Combine(_cache, $"{name}.gguf"));
        foreach (var path in paths.Values)
        {
            File.Copy(models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = 1 }), path);
        }

        await using var worker = StandaloneWorker.Start(Environment(string.Join(',', paths.Select(pair => $"{pair.Key}={pair.Value}"))));
        await worker.WaitUntilReadyAsync(Token);
        using var client = worker.CreateCaller(Key);
        var before = await AnswerAsync(client, "kept");
        (await client.PostAsync("/sleep", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        File.Delete(paths["deleted"]);
        File.Delete(paths["unreadable"]);
        Directory.CreateDirectory(paths["unreadable"]);
        // Neither its size nor its time tells.
        var (written, length) = (File.GetLastWriteTimeUtc(paths["changed"]), new FileInfo(paths["changed"]).Length);
        File.Move(models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = 2 }), paths["changed"], overwrite: true);
        File.SetLastWriteTimeUtc(paths["changed"], written);
        new FileInfo(paths["changed"]).Length.ShouldBe(length);

        (await client.PostAsync("/wake_up", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK, worker.Output);
        (await client.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldBe(["mine", "kept"]);
        (await AnswerAsync(client, "kept")).ShouldBe(before);
        foreach (var name in names.Skip(1))
        {
            using var gone = await client.PostAsJsonAsync("/v1/completions", new { model = name, prompt = "x" }, Token);
            gone.StatusCode.ShouldBe(HttpStatusCode.NotFound, name);
        }

        foreach (var (name, reason) in new[] { ("deleted", "Could not find file"), ("changed", "its file was changed: it has the digest sha256:"), ("unreadable", "Access to the path") })
        {
            worker.Output.ShouldContain($"mine is served without its adapter {name}: {reason}");
        }
    }

    [Theory]
    [InlineData("a=s3://b/c", "a s3://b/c")]
    [InlineData(" a=/x.gguf, b=/y.gguf\nc=z.gguf;", "a /x.gguf|b /y.gguf|c z.gguf")]
    [InlineData("a=s3://b/c?digest=sha256:00", "a s3://b/c?digest=sha256:00")]
    [InlineData("", "")]
    public void Adapters_are_named_with_an_equals_sign_in_any_list(string text, string expected) =>
        string.Join('|', AdapterOrder.ParseAll(text).Select(order => $"{order.Name} {order.Path}")).ShouldBe(expected);

    [Theory]
    [InlineData("a")]
    [InlineData("=x")]
    [InlineData("a=")]
    [InlineData("a=x b")]
    [InlineData("\"a\"=x")]
    [InlineData("a=x a=y")]
    public void What_is_no_list_is_refused(string text) => Should.Throw<FormatException>(() => AdapterOrder.ParseAll(text));

    private static async Task<string> AnswerAsync(HttpClient client, string model)
    {
        using var answer = await client.PostAsJsonAsync("/v1/completions", new { model, prompt = "The factory makes things", max_tokens = 12, temperature = 0 }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("choices")[0].GetProperty("text").GetString() ?? "";
    }

    private Dictionary<string, string?> Environment(string adapters) => new()
    {
        ["AIFACTORY_MODEL_URI"] = models.Endless,
        ["AIFACTORY_MODEL_NAME"] = "mine",
        ["AIFACTORY_API_KEY"] = Key,
        ["AIFACTORY_LORA_MODULES"] = adapters,
        ["Cache__Directory"] = _cache,
    };
}
