using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Adapters;

public sealed class AdapterEndpointTests(GeneratedModels models) : IAsyncLifetime
{
    private const string Prompt = "The factory makes many things of many kinds, and each of them has a name of its own that nobody else has. Who asks for a thing says its name and how many are wanted, and hears on which day they will be there and what they cost; who asks for a thing that is not made hears which others are like it.";

    private WorkerProcess _worker = null!; // Set before any test runs.
    private HttpClient _operator = null!; // Likewise.
    private HttpClient _developer = null!; // Likewise.
    private string _folder = ""; // Likewise.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var directory = Directory.CreateTempSubdirectory("aifactory-worker-").FullName;
        _folder = Directory.CreateDirectory(Path.Combine(directory, "adapters")).FullName;
        _worker = await WorkerProcess.StartAsync(directory: directory, settings: new() { ["Adapters:Folder"] = _folder, ["Engine:DrainTimeout"] = "00:00:00.1" });
        await _worker.AssignAsync(_worker.Store(models.Endless, "base", contextLength: 2048, slots: 2));
        _operator = _worker.CreateCaller(Roles.Operator);
        _developer = _worker.CreateCaller();
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _worker.Library.DisposeAsync();
        Directory.Delete(_worker.Directory, recursive: true);
    }

    [Fact]
    public async Task An_adapter_of_the_store_is_loaded_listed_chosen_and_unloaded()
    {
        var digest = Put("one.gguf", 1);
        var alone = await AskAsync("base");
        (await LoadAsync("one", $"s3://objects/adapters/one.gguf?digest=sha256:{digest}")).ShouldBe((HttpStatusCode.OK, "Success: LoRA adapter 'one' added successfully."));

        var listed = (await _developer.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().ToList();
        listed.Select(model => model.GetProperty("id").GetString()).ShouldBe(["base", "one"]);
        (listed[0].GetProperty("root").GetString(), listed[0].TryGetProperty("parent", out _)).ShouldBe(("base", false));
        (listed[1].GetProperty("root").GetString(), listed[1].GetProperty("parent").GetString()).ShouldBe(("s3://objects/adapters/one.gguf", "base"));
        (await _developer.GetFromJsonAsync<JsonElement>("/v1/models/one", Token)).GetProperty("parent").GetString().ShouldBe("base");

        var adapted = await AskAsync("one");
        adapted.GetProperty("model").GetString().ShouldBe("one");
        adapted.GetProperty("system_fingerprint").GetString().ShouldBe($"{alone.GetProperty("system_fingerprint").GetString()}_{digest[..12]}");
        Text(adapted).ShouldNotBe(Text(alone));
        Cached(adapted).ShouldBe(0);
        Text(await AskAsync("base")).ShouldBe(Text(alone));
        Cached(await AskAsync("one")).ShouldBeGreaterThan(64);

        (await UnloadAsync("one")).ShouldBe((HttpStatusCode.OK, "Success: LoRA adapter 'one' removed successfully."));
        using var gone = await _developer.PostAsJsonAsync("/v1/completions", new { model = "one", prompt = "x" }, Token);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await UnloadAsync("one")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_route_takes_an_adapter_for_a_model()
    {
        Put("one.gguf", 1);
        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        foreach (var (route, body, path) in new (string, object, string[])[]
        {
            ("/v1/chat/completions", new { model = "one", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 4 }, ["model"]),
            ("/v1/responses", new { model = "one", input = "Hello", max_output_tokens = 4 }, ["model"]),
            ("/infer", new { model = "one", payload = new { messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 4 } }, ["output", "model"]),
            ("/v2/models/one/infer", new { inputs = new[] { new { name = "text_input", shape = new[] { 1 }, datatype = "BYTES", data = new[] { "Hello" } } }, parameters = new { max_tokens = 4 } }, ["model_name"]),
        })
        {
            using var answer = await _developer.PostAsJsonAsync(route, body, Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{route}: {text}");
            using var json = JsonDocument.Parse(text);
            path.Aggregate(json.RootElement, (element, name) => element.GetProperty(name)).GetString().ShouldBe("one", route);
        }
    }

    [Fact]
    public async Task An_unknown_name_is_told_which_there_are()
    {
        Put("one.gguf", 1);
        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        using var answer = await _developer.PostAsJsonAsync("/v1/completions", new { model = "two", prompt = "x" }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("model_not_found");
        error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain("Here are: base, one.");

        // A stranger hears of neither.
        using var stranger = _worker.CreateCaller(project: "other");
        foreach (var name in new[] { "one", "two" })
        {
            using var refused = await stranger.PostAsJsonAsync("/v1/completions", new { model = name, prompt = "x" }, Token);
            refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await refused.Content.ReadAsStringAsync(Token)).ShouldNotContain("base");
        }

        (await stranger.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Only_who_runs_deployments_loads_and_only_beside_their_own_models()
    {
        Put("one.gguf", 1);
        var body = new { lora_name = "one", lora_path = "s3://objects/adapters/one.gguf" };
        foreach (var (caller, status) in new[] { (_developer, HttpStatusCode.Forbidden), (_worker.CreateClient(), HttpStatusCode.Unauthorized), (_worker.CreateCaller(project: "other"), HttpStatusCode.Forbidden), (_worker.CreateCaller(Roles.Operator, "other"), HttpStatusCode.BadRequest) })
        {
            (await caller.PostAsJsonAsync("/v1/load_lora_adapter", body, Token)).StatusCode.ShouldBe(status);
        }

        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        using var stranger = _worker.CreateCaller(Roles.Operator, "other");
        (await stranger.PostAsJsonAsync("/v1/load_lora_adapter", new { body.lora_name, body.lora_path, base_model_name = "base" }, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.PostAsJsonAsync("/v1/unload_lora_adapter", new { body.lora_name }, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _developer.PostAsJsonAsync("/v1/unload_lora_adapter", new { body.lora_name }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        Text(await AskAsync("one")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task No_path_leads_out_of_the_store_and_the_folder()
    {
        var outside = models.WriteAdapter("outside.gguf", new LoraAdapterOptions());
        File.Copy(outside, Path.Combine(_folder, "inside.gguf"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link.gguf"), outside);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "links"), Path.GetDirectoryName(outside) ?? "");
        Directory.CreateDirectory($"{_folder}-beside");
        File.Copy(outside, Path.Combine($"{_folder}-beside", "it.gguf"));
        foreach (var (path, says) in new[]
        {
            (outside, "outside the folder"),
            ($"file://{outside}", "outside the folder"),
            ("../cache/x.gguf", "outside the folder"),
            ($"{_folder}/../adapters-beside/it.gguf", "outside the folder"),
            ($"{_folder}-beside/it.gguf", "outside the folder"),
            (_folder, "outside the folder"),
            ("link.gguf", "out of the folder"),
            ($"links/{Path.GetFileName(outside)}", "out of the folder"),
            ("none.gguf", "no file 'none.gguf'"),
            ("http://localhost/x.gguf", "http and https are off"),
            ("s3://another/adapters/one.gguf", "name an object of s3://objects/"),
            ("s3://objects/../cache/x.gguf", "is no adapter's place"),
            ("s3://objects/adapters/none.gguf", "adapters/none.gguf"),
            ("ftp://x/y", "the scheme 'ftp' is not known"),
            ($"inside.gguf?digest=sha256:{new string('0', 64)}", "does not have the digest"),
        })
        {
            var (status, text) = await LoadAsync("it", path);
            status.ShouldBe(HttpStatusCode.BadRequest, $"{path}: {text}");
            text.ShouldContain(says, customMessage: path);
        }

        await LoadedAsync("relative", "inside.gguf");
        await LoadedAsync("absolute", Path.Combine(_folder, "inside.gguf"));
        Text(await AskAsync("relative")).ShouldBe(Text(await AskAsync("absolute")));
    }

    [Theory]
    [InlineData("""{"lora_name":"x"}""", "Both 'lora_name' and 'lora_path' must be provided.")]
    [InlineData("""{"lora_path":"x"}""", "Both 'lora_name' and 'lora_path' must be provided.")]
    [InlineData("""{"lora_name":"a,b","lora_path":"x"}""", "'lora_name' has 1 to 128 letters")]
    [InlineData("""{"lora_name":"base","lora_path":"s3://objects/x"}""", "There is a model 'base' already")]
    [InlineData("""{"lora_name":"one","lora_path":"s3://objects/x"}""", "has already been loaded")]
    [InlineData("""{"lora_name":"x","lora_path":"s3://objects/adapters/one.gguf","load_inplace":true}""", "'load_inplace' is not supported")]
    [InlineData("""{"lora_name":"x","lora_path":"s3://objects/models/base.gguf"}""", "it is a model, not an adapter")]
    [InlineData("""{"lora_name":"x","lora_path":7}""", "Invalid type or value for 'lora_path'")]
    public async Task A_bad_request_says_what_is_wrong_with_it(string body, string says)
    {
        Put("one.gguf", 1);
        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _operator.PostAsync("/v1/load_lora_adapter", content, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("message").GetString().ShouldNotBeNull().ShouldContain(says);
    }

    [Fact]
    public async Task An_adapter_in_use_stays_until_its_requests_have_ended_and_the_metric_tells_whose_run()
    {
        Put("one.gguf", 1);
        Put("two.gguf", 2);
        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        await LoadedAsync("two", "s3://objects/adapters/two.gguf");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var busy = Enumerable.Range(0, 2).Select(_ => _developer.PostAsJsonAsync("/v1/completions", new { model = "one", prompt = Prompt, max_tokens = 1800 }, leaving.Token)).ToList();
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"\"", "max_lora=\"8\"");
        var waiting = _developer.PostAsJsonAsync("/v1/completions", new { model = "two", prompt = Prompt, max_tokens = 4 }, Token);
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"two\"");

        var (status, text) = await UnloadAsync("one");
        status.ShouldBe(HttpStatusCode.Conflict, text);
        text.ShouldContain("in use");
        (await UnloadAsync("two")).Status.ShouldBe(HttpStatusCode.Conflict);

        await leaving.CancelAsync();
        foreach (var request in busy)
        {
            await Should.ThrowAsync<OperationCanceledException>(request);
        }

        (await waiting).StatusCode.ShouldBe(HttpStatusCode.OK);
        await MetricAsync("running_lora_adapters=\"\"", "waiting_lora_adapters=\"\"");
        (await UnloadAsync("one")).Status.ShouldBe(HttpStatusCode.OK);
        (await UnloadAsync("two")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_model_that_sleeps_has_its_adapters_again_when_it_wakes()
    {
        Put("one.gguf", 1);
        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        var before = Text(await AskAsync("one"));
        (await _operator.PostAsync("/sleep", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Directory.Delete(Path.Combine(_worker.Directory, "objects"), recursive: true);
        (await _developer.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldBe(["base", "one"]);
        var waiting = AskAsync("one");
        (await _operator.PostAsync("/wake_up", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Text(await waiting).ShouldBe(before);
    }

    /// <returns>The digest, without its prefix.</returns>
    private string Put(string name, ulong seed)
    {
        var target = Path.Combine(_worker.Directory, "objects", "adapters", name);
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? "");
        File.Copy(models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = seed }), target);
        return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(target)));
    }

    private async Task LoadedAsync(string name, string path) => (await LoadAsync(name, path)).ShouldBe((HttpStatusCode.OK, $"Success: LoRA adapter '{name}' added successfully."));

    private Task<(HttpStatusCode Status, string Text)> LoadAsync(string name, string path) => PostAsync("/v1/load_lora_adapter", new { lora_name = name, lora_path = path });

    private Task<(HttpStatusCode Status, string Text)> UnloadAsync(string name) => PostAsync("/v1/unload_lora_adapter", new { lora_name = name });

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string route, object body)
    {
        using var answer = await _operator.PostAsJsonAsync(route, body, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? text : JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("message").GetString() ?? "");
    }

    private async Task<JsonElement> AskAsync(string model)
    {
        using var answer = await _developer.PostAsJsonAsync("/v1/completions", new { model, prompt = Prompt, max_tokens = 12, temperature = 0 }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private static string Text(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("text").GetString() ?? "";

    private static int Cached(JsonElement answer) => answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();

    private async Task MetricAsync(params string[] labels)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var lines = (await _developer.GetStringAsync("/metrics/vllm", Token)).Split('\n').Where(line => line.StartsWith("vllm:lora_requests_info{", StringComparison.Ordinal)).ToList();
            if (lines is [var one] && labels.All(label => one.Contains(label, StringComparison.Ordinal)))
            {
                return;
            }

            patience.IsCancellationRequested.ShouldBeFalse($"{string.Join('\n', lines)} has not {string.Join(", ", labels)}");
        }
    }
}
