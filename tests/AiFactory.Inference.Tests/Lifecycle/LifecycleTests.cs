using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Tests.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Inference.Tests.Lifecycle;

/// <summary>What holds wherever the engines are: the classes that follow from this one say where.</summary>
public abstract class LifecycleTests(LifecycleWorker lifecycle, string isolation) : IClassFixture<LifecycleWorker>
{
    private static readonly Dictionary<string, string?> NoDrain = new() { ["Engine:DrainTimeout"] = "00:00:00", ["Engine:Slots"] = "1", ["Lifecycle:LongestWait"] = "00:00:20" };

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected WorkerProcess Worker => lifecycle.Worker;

    private protected HttpClient Operator => lifecycle.Operator;

    private protected HttpClient Developer => lifecycle.Developer;

    [Fact]
    public async Task A_model_that_sleeps_has_no_memory_and_keeps_its_file()
    {
        await UseAsync([]);
        await PostAsync("/sleep?level=1&model=sleeper");
        (await StateAsync("sleeper")).ShouldBe("sleeping");
        (await StateAsync("waker")).ShouldBe("loaded");
        Worker.Registry.Ready.Select(model => model.Assignment.Deployment).ShouldBe(["waker"]);
        Worker.Registry.Entries.Single(entry => entry.Assignment.Deployment == "sleeper").Status.MemoryBytes.ShouldBeNull();
        (await IsSleepingAsync("?model=sleeper")).ShouldBeTrue();
        (await IsSleepingAsync("")).ShouldBeFalse();
        await Worker.Library.WaitForAsync(heartbeat => heartbeat.Models.Any(model => model.State == WorkerModelStates.Sleeping));

        // It comes back without the store.
        var store = Path.Combine(Worker.Directory, "objects");
        Directory.Move(store, $"{store}-away");
        await PostAsync("/wake_up?model=sleeper");
        Directory.Move($"{store}-away", store);
        (await StateAsync("sleeper")).ShouldBe("loaded");
        (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Weights_that_were_edited_while_their_model_slept_are_not_served()
    {
        await UseAsync([]);
        var path = Worker.Registry.Ready.Single(model => model.Assignment.Deployment == "sleeper").Files[0].Path;
        var bytes = await File.ReadAllBytesAsync(path, Token);
        await PostAsync("/sleep?model=sleeper");
        // The lock that holds the file asks others to leave it alone, and forces nobody to.
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            RandomAccess.Write(file, [(byte)(bytes[^1] ^ 1)], bytes.Length - 1);
        }

        await PostAsync("/wake_up?model=sleeper");
        (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await File.ReadAllBytesAsync(path, Token)).ShouldBe(bytes);
    }

    [Fact]
    public async Task Requests_wait_for_a_model_that_sleeps_and_are_counted()
    {
        await UseAsync([]);
        await PostAsync("/sleep?model=sleeper");
        var waiting = Enumerable.Range(0, 3).Select(_ => CompleteAsync()).ToList();
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 3);
        waiting.ShouldAllBe(request => !request.IsCompleted);
        (await Operator.GetStringAsync("/metrics/vllm", Token)).Split('\n').ShouldContain(line => line.StartsWith("vllm:engine_sleep_state{", StringComparison.Ordinal)
            && line.Contains("sleeper", StringComparison.Ordinal) && line.Contains("discard_all", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        await PostAsync("/wake_up");
        foreach (var answer in await Task.WhenAll(waiting))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await MetricAsync("vllm:num_requests_waiting", "sleeper", 0);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_waits_is_counted_no_more()
    {
        await UseAsync([]);
        await PostAsync("/sleep?model=sleeper");
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = CompleteAsync(leaves.Token);
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 1);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 0);
    }

    [Fact]
    public async Task A_model_that_is_unloaded_refuses_until_it_is_loaded()
    {
        await UseAsync([]);
        await ChangeAsync("unload");
        (await StateAsync("sleeper")).ShouldBe("unloaded");
        using var refused = await CompleteAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Message.ShouldContain("unloaded");
        await ChangeAsync("load");
        (await StateAsync("sleeper")).ShouldBe("loaded");
        (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_answer_in_progress_ends_before_its_model_sleeps()
    {
        await UseAsync([]);
        var answer = Developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 1200, ignore_eos = true }, Token);
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        await PostAsync("/sleep?model=sleeper");
        using var whole = await answer;
        whole.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await whole.Content.ReadFromJsonAsync(OpenAIJson.Default.Completion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull().CompletionTokens.ShouldBe(1200);
    }

    [Fact]
    public async Task Who_was_queued_when_its_model_went_to_sleep_is_answered_when_it_wakes()
    {
        await UseAsync(NoDrain);
        var queued = await QueueAsync(tokens => Developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = tokens }, Token));
        await PostAsync("/sleep?model=sleeper");
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 3);
        await PostAsync("/wake_up");
        foreach (var answer in await Task.WhenAll(queued))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task An_inference_that_was_queued_when_its_model_went_to_sleep_neither_keeps_it_awake_nor_fails()
    {
        await UseAsync(NoDrain);
        var queued = await QueueAsync(tokens =>
        {
            var body = $$$"""{"inputs":[{"name":"prompt","shape":[1],"datatype":"BYTES","data":["The factory"]}],"parameters":{"max_tokens":{{{tokens}}}}}""";
            return Developer.PostAsync("/v2/models/sleeper/infer", new StringContent(body, Encoding.UTF8, "application/json"), Token);
        });
        await PostAsync("/sleep?model=sleeper");
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 3);
        await PostAsync("/wake_up");
        foreach (var answer in await Task.WhenAll(queued))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        }
    }

    [Fact]
    public async Task A_wake_during_the_drain_of_a_sleep_answers_both()
    {
        await UseAsync([]);
        using var running = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answer = Developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 1900, ignore_eos = true }, running.Token);
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        var sleep = Operator.PostAsync("/sleep?model=sleeper", null, Token);
        await UntilAsync(() => Worker.Registry.Entries.Any(entry => entry.Status.State == WorkerModelStates.Unloading));
        var wake = Operator.PostAsync("/wake_up?model=sleeper", null, Token);
        using var overtaken = await sleep.WaitAsync(TimeSpan.FromSeconds(20), Token);
        overtaken.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await overtaken.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Message.ShouldContain("wake");
        await running.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        (await wake.WaitAsync(TimeSpan.FromSeconds(30), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StateAsync("sleeper")).ShouldBe("loaded");
    }

    [Fact]
    public async Task A_wake_that_a_sleep_overtakes_is_answered()
    {
        await UseAsync([]);
        using var running = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answer = Developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 1900, ignore_eos = true }, running.Token);
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        var first = Operator.PostAsync("/sleep?model=sleeper", null, Token);
        await UntilAsync(() => Worker.Registry.Entries.Any(entry => entry.Status.State == WorkerModelStates.Unloading));
        var wake = Operator.PostAsync("/wake_up?model=sleeper", null, Token);
        using var overtaken = await first.WaitAsync(TimeSpan.FromSeconds(20), Token);
        var last = Operator.PostAsync("/sleep?model=sleeper", null, Token);
        (await wake.WaitAsync(TimeSpan.FromSeconds(20), Token)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await running.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        (await last.WaitAsync(TimeSpan.FromSeconds(30), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_waits_for_a_model_that_sleeps_hears_that_the_worker_stops()
    {
        await UseAsync([]);
        await PostAsync("/sleep?model=sleeper");
        var waiting = CompleteAsync();
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 1);
        Worker.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        lifecycle.IsEnding = true;
        using var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Code.ShouldBe("worker_stopping");
    }

    [Fact]
    public async Task A_request_wakes_its_model_where_the_settings_say_so()
    {
        await UseAsync(new() { ["Lifecycle:WakeOnRequest"] = "true" });
        await PostAsync("/sleep");
        (await IsSleepingAsync("")).ShouldBeTrue();
        (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StateAsync("sleeper")).ShouldBe("loaded");
        (await StateAsync("waker")).ShouldBe("sleeping");
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_it_wants_to()
    {
        await UseAsync([]);
        await PostAsync("/sleep?model=sleeper");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "sleeper", prompt = "x" }) };
        request.Headers.Add(WireHeaders.FirstTokenMilliseconds, "100");
        using var refused = await Developer.SendAsync(request, Token);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    /// <summary>A worker with these settings, whose models are both awake and have nothing to do.</summary>
    private protected async Task UseAsync(Dictionary<string, string?> settings)
    {
        await lifecycle.UseAsync(new(settings) { ["Engine:Isolation"] = isolation });
        await PostAsync("/wake_up");
        await MetricAsync("vllm:num_requests_running", "sleeper", 0);
    }

    /// <summary>One long request in the only slot, and two short ones behind it.</summary>
    private protected async Task<List<Task<HttpResponseMessage>>> QueueAsync(Func<int, Task<HttpResponseMessage>> ask)
    {
        List<Task<HttpResponseMessage>> asked = [ask(1200)];
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        asked.AddRange([ask(2), ask(2)]);
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 2);
        return asked;
    }

    private protected Task<HttpResponseMessage> CompleteAsync(CancellationToken? cancellationToken = null) =>
        Developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 2 }, cancellationToken ?? Token);

    private protected async Task PostAsync(string route)
    {
        using var response = await Operator.PostAsync(route, null, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
    }

    private protected async Task ChangeAsync(string verb)
    {
        using var response = await Operator.PostAsJsonAsync($"/models/{verb}", new { model = "sleeper" }, Token);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    private protected async Task<bool> IsSleepingAsync(string query) => (await Developer.GetFromJsonAsync<JsonElement>($"/is_sleeping{query}", Token)).GetProperty("is_sleeping").GetBoolean();

    private protected async Task<string?> StateAsync(string model) => (await Developer.GetFromJsonAsync($"/v1/models/{model}", OpenAIJson.Default.ModelEntry, Token)).ShouldNotBeNull().Status.ShouldNotBeNull().Value;

    private protected static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(2, timeout.Token);
        }
    }

    /// <summary>Waits until a gauge of the model has the value.</summary>
    private protected async Task MetricAsync(string name, string model, int value)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        while (!(await Operator.GetStringAsync("/metrics/vllm", timeout.Token)).Split('\n')
            .Any(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && line.Contains($"\"{model}\"", StringComparison.Ordinal) && line.EndsWith($" {value}", StringComparison.Ordinal)))
        {
            await Task.Delay(10, timeout.Token);
        }
    }
}
