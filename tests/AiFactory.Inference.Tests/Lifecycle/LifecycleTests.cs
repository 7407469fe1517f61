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

public sealed class LifecycleTests(GeneratedModels models) : IAsyncLifetime
{
    private WorkerProcess _worker = null!; // Set before any test runs.
    private HttpClient _operator = null!; // Likewise.
    private HttpClient _developer = null!; // Likewise.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => StartAsync([]);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_model_that_sleeps_has_no_memory_and_keeps_its_file()
    {
        await PostAsync("/sleep?level=1&model=sleeper");
        (await StateAsync("sleeper")).ShouldBe("sleeping");
        (await StateAsync("waker")).ShouldBe("loaded");
        _worker.Registry.Ready.Select(model => model.Assignment.Deployment).ShouldBe(["waker"]);
        _worker.Registry.Entries.Single(entry => entry.Assignment.Deployment == "sleeper").Status.MemoryBytes.ShouldBeNull();
        (await IsSleepingAsync("?model=sleeper")).ShouldBeTrue();
        (await IsSleepingAsync("")).ShouldBeFalse();
        await _worker.Library.WaitForAsync(heartbeat => heartbeat.Models.Any(model => model.State == WorkerModelStates.Sleeping));

        // It comes back without the store.
        Directory.Delete(Path.Combine(_worker.Directory, "objects"), recursive: true);
        await PostAsync("/wake_up?model=sleeper");
        (await StateAsync("sleeper")).ShouldBe("loaded");
        (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Requests_wait_for_a_model_that_sleeps_and_are_counted()
    {
        await PostAsync("/sleep?model=sleeper");
        var waiting = Enumerable.Range(0, 3).Select(_ => CompleteAsync()).ToList();
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 3);
        waiting.ShouldAllBe(request => !request.IsCompleted);
        (await _operator.GetStringAsync("/metrics/vllm", Token)).Split('\n').ShouldContain(line => line.StartsWith("vllm:engine_sleep_state{", StringComparison.Ordinal)
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
        var answer = _developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 100 }, Token);
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        await PostAsync("/sleep?model=sleeper");
        using var whole = await answer;
        whole.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await whole.Content.ReadFromJsonAsync(OpenAIJson.Default.Completion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull().CompletionTokens.ShouldBe(100);
    }

    [Fact]
    public async Task Who_was_queued_when_its_model_went_to_sleep_is_answered_when_it_wakes()
    {
        await RestartAsync(new() { ["Engine:DrainTimeout"] = "00:00:00", ["Engine:Slots"] = "1" });
        var queued = await QueueAsync(tokens => _developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = tokens }, Token));
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
        await RestartAsync(new() { ["Engine:DrainTimeout"] = "00:00:00", ["Engine:Slots"] = "1", ["Lifecycle:LongestWait"] = "00:00:20" });
        var queued = await QueueAsync(tokens =>
        {
            var body = $$$"""{"inputs":[{"name":"prompt","shape":[1],"datatype":"BYTES","data":["The factory"]}],"parameters":{"max_tokens":{{{tokens}}}}}""";
            return _developer.PostAsync("/v2/models/sleeper/infer", new StringContent(body, Encoding.UTF8, "application/json"), Token);
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
        using var running = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answer = _developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 1900 }, running.Token);
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        var sleep = _operator.PostAsync("/sleep?model=sleeper", null, Token);
        await UntilAsync(() => _worker.Registry.Entries.Any(entry => entry.Status.State == WorkerModelStates.Unloading));
        var wake = _operator.PostAsync("/wake_up?model=sleeper", null, Token);
        using var overtaken = await sleep.WaitAsync(TimeSpan.FromSeconds(10), Token);
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
        using var running = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answer = _developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 1900 }, running.Token);
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        var first = _operator.PostAsync("/sleep?model=sleeper", null, Token);
        await UntilAsync(() => _worker.Registry.Entries.Any(entry => entry.Status.State == WorkerModelStates.Unloading));
        var wake = _operator.PostAsync("/wake_up?model=sleeper", null, Token);
        using var overtaken = await first.WaitAsync(TimeSpan.FromSeconds(10), Token);
        var last = _operator.PostAsync("/sleep?model=sleeper", null, Token);
        (await wake.WaitAsync(TimeSpan.FromSeconds(10), Token)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await running.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        (await last.WaitAsync(TimeSpan.FromSeconds(30), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_waits_for_a_model_that_sleeps_hears_that_the_worker_stops()
    {
        await PostAsync("/sleep?model=sleeper");
        var waiting = CompleteAsync();
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 1);
        _worker.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Code.ShouldBe("worker_stopping");
    }

    [Fact]
    public async Task A_version_that_is_known_and_sleeps_is_not_ready_and_another_is_not_found()
    {
        await PostAsync("/sleep?model=sleeper");
        using var asleep = await _developer.GetAsync("/v2/models/sleeper/versions/1/ready", Token);
        asleep.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await asleep.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("ready").GetBoolean().ShouldBeFalse();
        using var unknown = await _developer.GetAsync("/v2/models/sleeper/versions/2/ready", Token);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_model_that_sleeps_is_one_of_those_that_a_request_without_a_name_may_mean()
    {
        await PostAsync("/sleep?model=sleeper");
        using var unclear = await _developer.PostAsJsonAsync("/tokenize", new { content = "x" }, Token);
        unclear.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_request_wakes_its_model_where_the_settings_say_so()
    {
        await RestartAsync(new() { ["Lifecycle:WakeOnRequest"] = "true" });
        await PostAsync("/sleep");
        (await IsSleepingAsync("")).ShouldBeTrue();
        (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StateAsync("sleeper")).ShouldBe("loaded");
        (await StateAsync("waker")).ShouldBe("sleeping");
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_it_wants_to()
    {
        await PostAsync("/sleep?model=sleeper");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "sleeper", prompt = "x" }) };
        request.Headers.Add(WireHeaders.FirstTokenMilliseconds, "100");
        using var refused = await _developer.SendAsync(request, Token);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_the_settings_say_and_no_more_wait_than_the_queue_holds()
    {
        await RestartAsync(new() { ["Lifecycle:LongestWait"] = "00:00:00.2" });
        await PostAsync("/sleep?model=sleeper");
        using var refused = await CompleteAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Message.ShouldContain("sleeping");

        await RestartAsync(new() { ["Engine:QueueLimit"] = "1" });
        await PostAsync("/sleep?model=sleeper");
        var waiting = CompleteAsync();
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 1);
        using var full = await CompleteAsync();
        full.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await PostAsync("/wake_up");
        (await waiting).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/sleep?level=3", "level")]
    [InlineData("/sleep?mode=abort", "mode")]
    [InlineData("/wake_up?tags=weights", "tags")]
    public async Task What_cannot_be_done_is_refused_by_name(string route, string parameter)
    {
        using var response = await _operator.PostAsync(route, null, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    [Fact]
    public async Task Only_an_operator_of_the_project_sends_its_models_to_sleep()
    {
        foreach (var route in new[] { "/sleep", "/wake_up", "/models/load", "/models/unload" })
        {
            using var forbidden = await _developer.PostAsJsonAsync(route, new { model = "sleeper" }, Token);
            forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var stranger = _worker.CreateCaller("operator", "other");
        using var unknown = await stranger.PostAsync("/sleep?model=sleeper", null, Token);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var nothing = await stranger.PostAsync("/sleep", null, Token);
        nothing.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StateAsync("sleeper")).ShouldBe("loaded");
    }

    private async Task EndAsync()
    {
        await _worker.DisposeAsync();
        await _worker.Library.DisposeAsync();
        Directory.Delete(_worker.Directory, recursive: true);
    }

    private async ValueTask StartAsync(Dictionary<string, string?> settings)
    {
        _worker = await WorkerProcess.StartAsync(settings: settings);
        (_operator, _developer) = (_worker.CreateCaller("operator"), _worker.CreateCaller());
        await _worker.AssignAsync(_worker.Store(models.Endless, "sleeper", contextLength: 2048), _worker.Store(models.Chat, "waker"));
    }

    /// <summary>One long request in the only slot, and two short ones behind it.</summary>
    private async Task<List<Task<HttpResponseMessage>>> QueueAsync(Func<int, Task<HttpResponseMessage>> ask)
    {
        List<Task<HttpResponseMessage>> asked = [ask(1200)];
        await MetricAsync("vllm:num_requests_running", "sleeper", 1);
        asked.AddRange([ask(2), ask(2)]);
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 2);
        return asked;
    }

    private async Task RestartAsync(Dictionary<string, string?> settings)
    {
        await EndAsync();
        await StartAsync(settings);
    }

    private Task<HttpResponseMessage> CompleteAsync(CancellationToken? cancellationToken = null) =>
        _developer.PostAsJsonAsync("/v1/completions", new { model = "sleeper", prompt = "The factory", max_tokens = 2 }, cancellationToken ?? Token);

    private async Task PostAsync(string route)
    {
        using var response = await _operator.PostAsync(route, null, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
    }

    private async Task ChangeAsync(string verb)
    {
        using var response = await _operator.PostAsJsonAsync($"/models/{verb}", new { model = "sleeper" }, Token);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    private async Task<bool> IsSleepingAsync(string query) => (await _developer.GetFromJsonAsync<JsonElement>($"/is_sleeping{query}", Token)).GetProperty("is_sleeping").GetBoolean();

    private async Task<string?> StateAsync(string model) => (await _developer.GetFromJsonAsync($"/v1/models/{model}", OpenAIJson.Default.ModelEntry, Token)).ShouldNotBeNull().Status.ShouldNotBeNull().Value;

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(2, timeout.Token);
        }
    }

    /// <summary>Waits until a gauge of the model has the value.</summary>
    private async Task MetricAsync(string name, string model, int value)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        while (!(await _operator.GetStringAsync("/metrics/vllm", timeout.Token)).Split('\n')
            .Any(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && line.Contains($"\"{model}\"", StringComparison.Ordinal) && line.EndsWith($" {value}", StringComparison.Ordinal)))
        {
            await Task.Delay(10, timeout.Token);
        }
    }
}
