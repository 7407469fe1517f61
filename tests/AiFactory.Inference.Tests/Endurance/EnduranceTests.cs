using System.Globalization;
using System.Net.Http.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Endurance;

/// <summary>The worker's own process under a long mixed load, a fifth of whose clients leave at random.</summary>
public sealed class EnduranceTests(GeneratedModels models, ITestOutputHelper output)
{
    private const int Requests = 10_000, WarmUp = 3_000, Clients = 24, Slots = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_requests_lose_no_slot_and_no_memory_and_are_counted_to_the_token()
    {
        await using var library = await FakeLibrary.StartAsync();
        await using var files = WorkerProcess.Create(library);
        ModelAssignment[] assigned = [files.Store(models.Endless, "endless", contextLength: 512, slots: Slots), files.Store(models.Embedding, "embed", ModelTasks.Embedding)];
        await using var worker = StandaloneWorker.Start(files.Environment());
        library.Assignments = assigned;
        await library.WaitForAsync(heartbeat => heartbeat.Models.Count == 2 && heartbeat.Models.All(model => model.State == WorkerModelStates.Ready));
        using var client = worker.CreateCaller(WorkerProcess.IssueToken(Roles.Developer));
        var load = new MixedLoad(client, seed: 17);

        await load.RunAsync(0, WarmUp, Clients, Token);
        await WaitUntilIdleAsync(client);
        var before = MemoryOf(worker.ProcessId);
        await load.RunAsync(WarmUp, Requests - WarmUp, Clients, Token);
        var metrics = await WaitUntilIdleAsync(client);
        var after = MemoryOf(worker.ProcessId);
        output.WriteLine($"{load.Finished} finished, {load.Left} left, {load.Refused} refused; {load.CompletionTokens} tokens, {load.TokensCounted} of them counted as they came; memory {before / 1e6:0.0} -> {after / 1e6:0.0} MB");

        load.Faults.ShouldBeEmpty(worker.Output);
        load.Finished.ShouldBeGreaterThan(Requests / 2);
        load.Left.ShouldBeGreaterThan(Requests / 20, "clients that left while they were served");
        load.Refused.ShouldBeGreaterThan(Requests / 25);
        load.TokensCounted.ShouldBeGreaterThan(Requests);
        (after - before).ShouldBeLessThan(20_000_000, "bytes of memory that the worker has grown by");

        // What ran to its end was counted as such, and every token of it: those of clients who left come on top.
        Sum(metrics, "vllm:request_success_total", "finished_reason=\"error\"").ShouldBe(0);
        Sum(metrics, "vllm:generation_tokens_total", "endless").ShouldBeInRange(load.CompletionTokens, load.CompletionTokens + (load.Left * 48));

        // Every slot still serves.
        var answers = Enumerable.Range(0, Slots).Select(_ => client.PostAsJsonAsync("/v1/completions", new { model = "endless", prompt = "Go on", max_tokens = 400 }, Token)).ToList();
        await WaitForAsync(client, text => Sum(text, "vllm:num_requests_running", "endless") == Slots);
        (await Task.WhenAll(answers)).ShouldAllBe(answer => answer.IsSuccessStatusCode);
    }

    private static Task<string> WaitUntilIdleAsync(HttpClient client) =>
        WaitForAsync(client, text => Sum(text, "vllm:num_requests_running", "") == 0 && Sum(text, "vllm:num_requests_waiting", "") == 0 && Sum(text, "vllm:kv_cache_usage_perc", "") == 0);

    private static async Task<string> WaitForAsync(HttpClient client, Func<string, bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            var metrics = await client.GetStringAsync("/metrics", patience.Token) + "\n" + await client.GetStringAsync("/metrics/vllm", patience.Token);
            if (condition(metrics))
            {
                return metrics;
            }

            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>Of the lines <c>name{labels} value</c> whose labels hold <paramref name="label"/>.</summary>
    private static double Sum(string metrics, string name, string label) =>
        metrics.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Distinct().Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));

    /// <summary>Resident bytes that are its own: mapped files (the weights) do not count.</summary>
    private static long MemoryOf(int process) =>
        1024 * long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
