using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ModelGenerator.Models;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Isolation;

/// <summary>Adapters beside a model in a process of its own. What their routes refuse is the worker's business wherever the model is.</summary>
public sealed class IsolatedAdapterTests(GeneratedModels models) : IAsyncLifetime
{
    private const string Prompt = "The factory makes many things of many kinds, and each of them has a name of its own that nobody else has.";

    private WorkerProcess _worker = null!; // Set before any test runs.
    private HttpClient _operator = null!; // Likewise.
    private HttpClient _developer = null!; // Likewise.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => StartAsync("00:00:00.1");

    private async ValueTask StartAsync(string drain)
    {
        var directory = Directory.CreateTempSubdirectory("aifactory-worker-").FullName;
        var folder = Directory.CreateDirectory(Path.Combine(directory, "adapters")).FullName;
        _worker = await WorkerProcess.StartAsync(directory: directory, settings: new() { ["Engine:Isolation"] = "Process", ["Adapters:Folder"] = folder, ["Engine:DrainTimeout"] = drain });
        for (var seed = 1UL; seed <= 2; seed++)
        {
            File.Copy(models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions { Seed = seed }), Path.Combine(folder, $"{seed}.gguf"));
        }

        await _worker.AssignAsync(_worker.Store(models.Endless, "base", contextLength: 2048, slots: 2));
        (_operator, _developer) = (_worker.CreateCaller(Roles.Operator), _worker.CreateCaller());
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _worker.Library.DisposeAsync();
        Directory.Delete(_worker.Directory, recursive: true);
    }

    [Fact]
    public async Task An_adapter_is_loaded_listed_used_and_unloaded_and_what_is_none_is_refused()
    {
        var alone = await AnswerAsync("base");
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
        (await NamesAsync()).ShouldBe(["base", "one"]);
        var adapted = await AnswerAsync("one");
        adapted.ShouldNotBe(alone);
        (await AnswerAsync("base")).ShouldBe(alone);

        // A model in the place of an adapter is refused in the process, with the reason.
        File.Copy(models.Chat, Path.Combine(_worker.Directory, "adapters", "model.gguf"));
        using var refused = await _operator.PostAsJsonAsync("/v1/load_lora_adapter", new { lora_name = "model", lora_path = "model.gguf" }, Token);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Token)).ShouldContain("it is a model, not an adapter");

        (await UnloadAsync("one")).ShouldBe(HttpStatusCode.OK);
        (await NamesAsync()).ShouldBe(["base"]);
        using var gone = await AskAsync("one", 2);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        // The name is free again, for another.
        (await LoadAsync("one", "2.gguf")).ShouldBe(HttpStatusCode.OK);
        (await AnswerAsync("one")).ShouldNotBe(adapted);
    }

    [Fact]
    public async Task A_model_that_sleeps_has_its_adapters_again_when_it_wakes()
    {
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
        var before = await AnswerAsync("one");
        (await _operator.PostAsync("/sleep", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        IsolatedWorker.Children().ShouldBeEmpty();
        Directory.Delete(Path.Combine(_worker.Directory, "objects"), recursive: true);
        (await NamesAsync()).ShouldBe(["base", "one"]);
        var waiting = AnswerAsync("one");
        (await _operator.PostAsync("/wake_up", null, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await waiting).ShouldBe(before);
    }

    [Fact]
    public async Task A_process_that_dies_comes_back_with_its_adapters_and_what_was_asked_of_one_is_answered()
    {
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
        (await LoadAsync("two", "2.gguf")).ShouldBe(HttpStatusCode.OK);
        string[] before = [await AnswerAsync("one"), await AnswerAsync("two")];
        before[0].ShouldNotBe(before[1]);
        // Both slots are taken: those behind wait in the process that dies.
        List<Task<HttpResponseMessage>> running = [AskAsync("one", 1800), AskAsync("one", 1800)];
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"\"");
        var queued = Task.WhenAll(AnswerAsync("one"), AnswerAsync("two"));
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"one,two\"");
        var process = IsolatedWorker.Children().ShouldHaveSingleItem();

        await IsolatedWorker.SignalAsync(process, "KILL");

        (await queued).ShouldBe(before);
        IsolatedWorker.Children().ShouldHaveSingleItem().ShouldNotBe(process);
        foreach (var response in await Task.WhenAll(running))
        {
            // No word of them was written: they are answered, too.
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await NamesAsync()).ShouldBe(["base", "one", "two"]);
        (await UnloadAsync("two")).ShouldBe(HttpStatusCode.OK);
        (await AnswerAsync("one")).ShouldBe(before[0]);
    }

    [Fact]
    public async Task An_adapter_in_use_stays_until_its_requests_have_ended()
    {
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var busy = AskAsync("one", 1800, leaving.Token);
        await MetricAsync("running_lora_adapters=\"one\"");
        (await UnloadAsync("one")).ShouldBe(HttpStatusCode.Conflict);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(busy);
        await MetricAsync("running_lora_adapters=\"\"");
        (await UnloadAsync("one")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_unload_goes_on_to_its_end_when_its_caller_leaves_and_the_model_never_answers_in_the_adapters_place()
    {
        await DisposeAsync();
        await StartAsync("00:05:00");
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var busy = AskAsync("one", 1800, leaving.Token);
        await MetricAsync("running_lora_adapters=\"one\"");
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var unloading = _operator.PostAsJsonAsync("/v1/unload_lora_adapter", new { lora_name = "one" }, gone.Token);
        // It has begun when the adapter takes nobody.
        await UntilAsync(async () =>
        {
            using var refused = await AskAsync("one", 1);
            return refused.StatusCode == HttpStatusCode.ServiceUnavailable;
        });
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(unloading);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(busy);

        // Until it is gone it says so; it never answers, and neither does the model without it.
        await UntilAsync(async () =>
        {
            using var answer = await AskAsync("one", 1);
            answer.StatusCode.ShouldNotBe(HttpStatusCode.OK);
            return answer.StatusCode == HttpStatusCode.NotFound && (await NamesAsync()).Count == 1;
        });
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_process_that_has_an_adapter_no_longer_does_not_answer_without_it()
    {
        (await LoadAsync("one", "1.gguf")).ShouldBe(HttpStatusCode.OK);
        var model = _worker.Registry.Ready.ShouldHaveSingleItem();
        // As for a request that the worker has found its adapter for, and that comes a moment too late.
        (await model.Adapters.ShouldNotBeNull().RemoveAsync("one", TimeSpan.FromSeconds(10))).ShouldBeTrue();
        using var answer = await AskAsync("one", 2);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldContain("does not exist");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private async Task<HttpStatusCode> LoadAsync(string name, string path)
    {
        using var answer = await _operator.PostAsJsonAsync("/v1/load_lora_adapter", new { lora_name = name, lora_path = path }, Token);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> UnloadAsync(string name)
    {
        using var answer = await _operator.PostAsJsonAsync("/v1/unload_lora_adapter", new { lora_name = name }, Token);
        return answer.StatusCode;
    }

    private async Task<List<string?>> NamesAsync() =>
        [.. (await _developer.GetFromJsonAsync<JsonElement>("/v1/models", Token)).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString())];

    private Task<HttpResponseMessage> AskAsync(string model, int tokens, CancellationToken? cancellationToken = null) =>
        _developer.PostAsJsonAsync("/v1/completions", new { model, prompt = Prompt, max_tokens = tokens, temperature = 0 }, cancellationToken ?? Token);

    private async Task<string> AnswerAsync(string model)
    {
        using var answer = await AskAsync(model, 12);
        var text = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("choices")[0].GetProperty("text").GetString() ?? "";
    }

    /// <summary>Waits until the line of the adapters has all of this.</summary>
    private async Task MetricAsync(params string[] labels)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!(await _developer.GetStringAsync("/metrics/vllm", patience.Token)).Split('\n')
            .Any(line => line.StartsWith("vllm:lora_requests_info{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal))))
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
