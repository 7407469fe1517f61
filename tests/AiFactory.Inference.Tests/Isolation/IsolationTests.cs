using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Contracts.Workers;

namespace AiFactory.Inference.Tests.Isolation;

/// <summary>Real processes, of which some are killed.</summary>
public sealed class IsolationTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ABRT", "SIGABRT")]
    [InlineData("KILL", "SIGKILL")]
    public async Task A_model_whose_process_dies_takes_no_other_and_no_waiting_request_with_it(string signal, string name)
    {
        await using var worker = await IsolatedWorker.StartAsync(models);
        var process = worker.ProcessOf("dies");
        // Else the long answer is over before the first one of the other process begins.
        (await worker.CompleteAsync("stays", 1)).Dispose();
        var begun = await worker.CompleteAsync("dies", 64000, stream: true);
        var others = await worker.CompleteAsync("stays", 300, stream: true);
        var queued = Enumerable.Range(0, 3).Select(_ => worker.CompleteAsync("dies", 5)).ToList();
        await worker.MetricAsync("vllm:num_requests_waiting", "\"dies\"", 3);

        // .NET takes the first SIGABRT that another process sends, and goes on; abort() raises it again, and so does this.
        await IsolatedWorker.SignalUntilEndAsync(process, signal);

        // What had begun ends with a word of why, and what was written of it is whole.
        var events = await ReadAsync(begun);
        events.Count.ShouldBeGreaterThan(1);
        JsonSerializer.Deserialize(events[^1], OpenAIJson.Default.ErrorEnvelope).ShouldNotBeNull().Error.Message.ShouldContain(name);
        events[..^1].ShouldAllBe(data => JsonDocument.Parse(data, default).RootElement.GetProperty("object").GetString() == "text_completion");

        // What had not begun is answered.
        foreach (var answer in await Task.WhenAll(queued))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, worker.Worker.Output);
            (await answer.Content.ReadFromJsonAsync(OpenAIJson.Default.Completion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull().CompletionTokens.ShouldBe(5);
        }

        // The other model knows nothing of it.
        var whole = await ReadAsync(others);
        whole[^1].ShouldBe("[DONE]");
        whole.Count(data => data.Contains("\"text\"", StringComparison.Ordinal)).ShouldBeGreaterThan(1);
        worker.ProcessOf("dies").ShouldNotBe(process);
        var metrics = await worker.MetricAsync("aifactory_inference_engine_restarts_total", "reason=\"died\"", 1);
        metrics.ShouldContain("aifactory_inference_engine_recovery_duration_seconds_count{model_name=\"dies\"} 1");
        await worker.MetricAsync("vllm:request_success_total", "finished_reason=\"error\",model_name=\"dies\"", 1);
        await worker.MetricAsync("vllm:generation_tokens_total", "\"stays\"", 301);
        metrics.ShouldContain("gen_ai_server_request_duration_seconds_count{");
        metrics.ShouldContain("server_address=\"127.0.0.1\"");
        worker.Worker.Output.ShouldContain("dies is served again");
    }

    [Fact]
    public async Task A_request_that_comes_while_its_models_process_is_started_again_waits_for_it_within_its_deadline()
    {
        await using var worker = await IsolatedWorker.StartAsync(models);
        // The second time the next process comes after a pause.
        for (var death = 0; death < 2; death++)
        {
            var process = worker.ProcessOf("dies");
            await IsolatedWorker.SignalAsync(process, "KILL");
            await IsolatedWorker.UntilAsync(() => IsolatedWorker.HasEnded(process));
            if (death == 1)
            {
                using var refused = await worker.CompleteAsync("dies", 5, timeout: TimeSpan.FromMilliseconds(200));
                refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                refused.Headers.RetryAfter.ShouldNotBeNull();
            }

            using var answer = await worker.CompleteAsync("dies", 5);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, worker.Worker.Output);
        }
    }

    [Fact]
    public async Task A_process_that_hangs_is_found_and_replaced_and_what_it_was_asked_is_answered()
    {
        await using var worker = await IsolatedWorker.StartAsync(models, new() { ["Engine:LongestStep"] = "00:00:03" });
        var process = worker.ProcessOf("dies");
        await IsolatedWorker.SignalAsync(process, "STOP");
        using var answer = await worker.CompleteAsync("dies", 5);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, worker.Worker.Output);
        worker.ProcessOf("dies").ShouldNotBe(process);
        IsolatedWorker.HasEnded(process).ShouldBeTrue();
        await worker.MetricAsync("aifactory_inference_engine_restarts_total", "reason=\"hung\"", 1);
    }

    [Fact]
    public async Task A_worker_that_is_killed_leaves_no_process_not_even_one_that_is_stopped()
    {
        await using var worker = await IsolatedWorker.StartAsync(models);
        int[] processes = [worker.ProcessOf("dies"), worker.ProcessOf("stays")];
        await IsolatedWorker.SignalAsync(processes[0], "STOP");
        processes.ShouldAllBe(process => !IsolatedWorker.HasEnded(process));
        await IsolatedWorker.SignalAsync(worker.Worker.ProcessId, "KILL");
        await IsolatedWorker.UntilAsync(() => processes.All(IsolatedWorker.HasEnded));
    }

    [Fact]
    public async Task A_worker_that_is_stopped_answers_what_it_has_begun_and_leaves_no_process()
    {
        await using var worker = await IsolatedWorker.StartAsync(models, new() { ["Engine:DrainTimeout"] = "00:00:25" });
        int[] processes = [worker.ProcessOf("dies"), worker.ProcessOf("stays")];
        var begun = await worker.CompleteAsync("stays", 200, stream: true);

        // As a terminal and some supervisors do, all get the signal.
        foreach (var process in processes.Append(worker.Worker.ProcessId))
        {
            await IsolatedWorker.SignalAsync(process, "TERM");
        }

        (await ReadAsync(begun))[^1].ShouldBe("[DONE]");
        (await worker.Worker.WaitForEndAsync(Token)).ShouldBe(0);
        processes.ShouldAllBe(process => IsolatedWorker.HasEnded(process));
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_answer_in_the_process_that_writes_it()
    {
        await using var worker = await IsolatedWorker.StartAsync(models);
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = worker.CompleteAsync("dies", 64000, cancellationToken: leaves.Token);
        await worker.MetricAsync("vllm:num_requests_running", "\"dies\"", 1);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await worker.MetricAsync("vllm:num_requests_running", "\"dies\"", 0);

        var begun = await worker.CompleteAsync("dies", 64000, stream: true);
        await worker.MetricAsync("vllm:num_requests_running", "\"dies\"", 1);
        begun.Dispose();
        await worker.MetricAsync("vllm:num_requests_running", "\"dies\"", 0);
        await worker.MetricAsync("vllm:request_success_total", "finished_reason=\"abort\",model_name=\"dies\"", 2);
    }

    [Fact]
    public async Task The_metrics_tell_what_each_process_has_in_memory_and_how_long_it_computed_and_its_answers_what_it_has_to_do()
    {
        await using var worker = await IsolatedWorker.StartAsync(models);
        worker.Client.DefaultRequestHeaders.Add(WireHeaders.LoadFormat, "TEXT");
        using (var answer = await worker.CompleteAsync("stays", 1))
        {
            answer.Headers.GetValues(WireHeaders.Load).Single().ShouldEndWith("named_metrics.num_requests_waiting=0, named_metrics.num_requests_running=0");
        }

        var before = await ValueAsync("cpu_time_seconds_total");
        (await worker.CompleteAsync("stays", 300)).Dispose();
        (await ValueAsync("cpu_time_seconds_total")).ShouldBeGreaterThan(before);
        var told = await ValueAsync("memory_bytes");
        // The second number of /proc/{id}/statm is the pages in memory.
        var resident = long.Parse((await File.ReadAllTextAsync($"/proc/{worker.ProcessOf("stays")}/statm", Token)).Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        told.ShouldBeInRange(0.9 * resident, 1.1 * resident);
        (await ValueAsync("heap_bytes")).ShouldBeInRange(1 << 20, resident);

        async Task<double> ValueAsync(string name)
        {
            // aifactory_inference_engine_memory_bytes{model_name="stays"} 123
            var start = $"aifactory_inference_engine_{name}{{model_name=\"stays\"}} ";
            var line = (await worker.Client.GetStringAsync("/metrics", Token)).Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal));
            return double.Parse(line[start.Length..], CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task A_process_has_one_word_on_its_command_line_and_no_secret_of_the_workers_in_its_environment()
    {
        await using var worker = await IsolatedWorker.StartAsync(models);
        foreach (var process in new[] { worker.ProcessOf("dies"), worker.ProcessOf("stays") })
        {
            var line = (await File.ReadAllTextAsync($"/proc/{process}/cmdline", Token)).TrimEnd('\0').Split('\0');
            line[^2..].ShouldBe([typeof(Program).Assembly.Location, "engine"]);
            var environment = await File.ReadAllTextAsync($"/proc/{process}/environ", Token);
            environment.ShouldContain("GGML_NO_BACKTRACE=1");
            environment.ShouldNotContain("Identity");
            environment.ShouldNotContain("objects");
        }

        (await File.ReadAllTextAsync($"/proc/{worker.Worker.ProcessId}/environ", Token)).ShouldContain("Identity");
    }

    [Fact]
    public async Task Weights_whose_process_dies_while_it_loads_them_rest_and_the_others_are_served()
    {
        await using var worker = await IsolatedWorker.StartEmptyAsync();
        worker.Library.Assignments = [worker.Store(models.Endless, "deadly")];
        await IsolatedWorker.UntilAsync(() => worker.ProcessOf("deadly") > 0);
        await IsolatedWorker.SignalAsync(worker.ProcessOf("deadly"), "KILL");
        await worker.Library.WaitForAsync(next => next.Models.Any(model => model.State == WorkerModelStates.Failed && model.Message?.StartsWith("The worker died while it loaded these weights", StringComparison.Ordinal) == true));
        worker.Library.Assignments = [.. worker.Library.Assignments, worker.Store(models.Chat, "good")];
        await worker.Library.WaitForAsync(next => next.Models.Any(model => model.State == WorkerModelStates.Ready));
    }

    /// <summary>The data of its events.</summary>
    private static async Task<List<string>> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            var text = await response.Content.ReadAsStringAsync(Token);
            text.ShouldEndWith("\n\n");
            return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => one["data: ".Length..])];
        }
    }
}
