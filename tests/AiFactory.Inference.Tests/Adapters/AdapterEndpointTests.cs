using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.ModelGenerator.Models;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Adapters;

public sealed class AdapterEndpointTests(GeneratedModels models) : AdapterTestBase(models)
{
    private protected override Dictionary<string, string?> Settings => new() { ["Engine:DrainTimeout"] = "00:00:00.1" };

    [Fact]
    public async Task An_adapter_of_the_store_is_loaded_listed_chosen_and_unloaded()
    {
        var digest = Put("one.gguf", 1);
        var alone = await AskAsync("base");
        (await LoadAsync("one", $"s3://objects/adapters/one.gguf?digest=sha256:{digest}")).ShouldBe((HttpStatusCode.OK, "Success: LoRA adapter 'one' added successfully."));

        var listed = (await Developer.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().ToList();
        listed.Select(model => model.GetProperty("id").GetString()).ShouldBe(["base", "one"]);
        (listed[0].GetProperty("root").GetString(), listed[0].TryGetProperty("parent", out _)).ShouldBe(("base", false));
        (listed[1].GetProperty("root").GetString(), listed[1].GetProperty("parent").GetString()).ShouldBe(("s3://objects/adapters/one.gguf", "base"));
        (await Developer.GetFromJsonAsync<JsonElement>("/v1/models/one", Token)).GetProperty("parent").GetString().ShouldBe("base");

        var adapted = await AskAsync("one");
        adapted.GetProperty("model").GetString().ShouldBe("one");
        adapted.GetProperty("system_fingerprint").GetString().ShouldBe($"{alone.GetProperty("system_fingerprint").GetString()}_{digest[..12]}");
        Text(adapted).ShouldNotBe(Text(alone));
        Cached(adapted).ShouldBe(0);
        Text(await AskAsync("base")).ShouldBe(Text(alone));
        Cached(await AskAsync("one")).ShouldBeGreaterThan(64);

        (await UnloadAsync("one")).ShouldBe((HttpStatusCode.OK, "Success: LoRA adapter 'one' removed successfully."));
        using var gone = await Developer.PostAsJsonAsync("/v1/completions", new { model = "one", prompt = "x" }, Token);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await UnloadAsync("one")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("acme/one")]
    [InlineData("acme%2Fone")]
    [InlineData("acme%2fone")]
    public async Task A_name_with_a_slash_is_found_by_its_path(string path)
    {
        Put("one.gguf", 1);
        await LoadedAsync("acme/one", "s3://objects/adapters/one.gguf");
        (await Developer.GetFromJsonAsync<JsonElement>($"/v1/models/{path}", Token)).GetProperty("id").GetString().ShouldBe("acme/one");
        using var unknown = await Developer.GetAsync($"/v1/models/{path}/more", Token);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await unknown.Content.ReadAsStringAsync(Token)).ShouldContain("acme/one/more");
        using var list = await Developer.GetAsync("/v1/models/", Token);
        (await list.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").GetArrayLength().ShouldBe(2);
        if (path.Contains('%', StringComparison.Ordinal))
        {
            var body = new { inputs = new[] { new { name = "text_input", shape = new[] { 1 }, datatype = "BYTES", data = new[] { "Hello" } } }, parameters = new { max_tokens = 4 } };
            using var answer = await Developer.PostAsJsonAsync($"/v2/models/{path}/infer", body, Token);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        }
    }

    [Fact]
    public async Task A_new_version_comes_without_the_adapters_whose_files_are_gone_or_changed()
    {
        foreach (var name in (string[])["kept", "deleted", "changed"])
        {
            Write(Path.Combine(Folder, $"{name}.gguf"), 1);
            await LoadedAsync(name, $"{name}.gguf");
        }

        var before = Text(await AskAsync("kept"));
        File.Delete(Path.Combine(Folder, "deleted.gguf"));
        Write(Path.Combine(Folder, "changed.gguf"), 2);
        Worker.Library.Assignments = [Worker.Library.Assignments[0] with { ContextLength = 1024 }];
        await Worker.Library.WaitForAsync(heartbeat => heartbeat.Models is [{ ContextLength: 1024 }]);
        (await ListedAsync()).ShouldBe(["base", "kept"]);
        Text(await AskAsync("kept")).ShouldBe(before);
        // As it is now it may be loaded by its name.
        await LoadedAsync("changed", "changed.gguf");
        Text(await AskAsync("changed")).ShouldNotBe(before);
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
            using var answer = await Developer.PostAsJsonAsync(route, body, Token);
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
        using var answer = await Developer.PostAsJsonAsync("/v1/completions", new { model = "two", prompt = "x" }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("model_not_found");
        error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain("Here are: base, one.");

        // A stranger hears of neither.
        using var stranger = Worker.CreateCaller(project: "other");
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
        foreach (var (caller, status) in new[] { (Developer, HttpStatusCode.Forbidden), (Worker.CreateClient(), HttpStatusCode.Unauthorized), (Worker.CreateCaller(project: "other"), HttpStatusCode.Forbidden), (Worker.CreateCaller(Roles.Operator, "other"), HttpStatusCode.BadRequest) })
        {
            (await caller.PostAsJsonAsync("/v1/load_lora_adapter", body, Token)).StatusCode.ShouldBe(status);
        }

        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        using var stranger = Worker.CreateCaller(Roles.Operator, "other");
        (await stranger.PostAsJsonAsync("/v1/load_lora_adapter", new { body.lora_name, body.lora_path, base_model_name = "base" }, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.PostAsJsonAsync("/v1/unload_lora_adapter", new { body.lora_name }, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Developer.PostAsJsonAsync("/v1/unload_lora_adapter", new { body.lora_name }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        Text(await AskAsync("one")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task No_path_leads_out_of_the_store_and_theFolder()
    {
        var outside = Models.WriteAdapter("outside.gguf", new LoraAdapterOptions());
        File.Copy(outside, Path.Combine(Folder, "inside.gguf"));
        File.CreateSymbolicLink(Path.Combine(Folder, "link.gguf"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Folder, "links"), Path.GetDirectoryName(outside) ?? "");
        Directory.CreateDirectory($"{Folder}-beside");
        File.Copy(outside, Path.Combine($"{Folder}-beside", "it.gguf"));
        foreach (var (path, says) in new[]
        {
            (outside, "outside the folder"),
            ($"file://{outside}", "outside the folder"),
            ("../cache/x.gguf", "outside the folder"),
            ($"{Folder}/../adapters-beside/it.gguf", "outside the folder"),
            ($"{Folder}-beside/it.gguf", "outside the folder"),
            (Folder, "outside the folder"),
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
        await LoadedAsync("absolute", Path.Combine(Folder, "inside.gguf"));
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
        using var answer = await Operator.PostAsync("/v1/load_lora_adapter", content, Token);
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
        // Many more than the slots compute at once: they are not over before everything here was seen, however busy the machine is.
        var busy = Enumerable.Range(0, 40).Select(_ => Developer.PostAsJsonAsync("/v1/completions", new { model = "one", prompt = Prompt, max_tokens = 1800 }, leaving.Token)).ToList();
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"one\"", "max_lora=\"8\"");
        var waiting = Developer.PostAsJsonAsync("/v1/completions", new { model = "two", prompt = Prompt, max_tokens = 4 }, Token);
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"one,two\"");

        var (status, text) = await UnloadAsync("one");
        status.ShouldBe(HttpStatusCode.Conflict, text);
        text.ShouldContain("in use");
        (await UnloadAsync("two")).Status.ShouldBe(HttpStatusCode.Conflict);

        await leaving.CancelAsync();
        // The first of them may have been answered.
        await Task.WhenAny(Task.WhenAll(busy));

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
        (await Operator.PostAsync("/sleep", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Directory.Delete(Path.Combine(Worker.Directory, "objects"), recursive: true);
        (await Developer.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldBe(["base", "one"]);
        var waiting = AskAsync("one");
        (await Operator.PostAsync("/wake_up", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Text(await waiting).ShouldBe(before);
    }
}
