using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Inference.Tests.Adapters;

/// <summary>Several who change adapters at once, and who asks for one that may go.</summary>
public sealed class AdapterContentionTests(GeneratedModels models) : AdapterTestBase(models)
{
    private protected override IReadOnlyList<string> Names => ["base", "other"];

    private protected override Dictionary<string, string?> Settings => new() { ["Engine:DrainTimeout"] = "00:05:00" };

    [Fact]
    public async Task Of_those_who_load_one_name_at_once_one_wins_and_nothing_is_left_of_the_others()
    {
        var files = Enumerable.Range(0, 4).Select(index => Path.Combine(Folder, $"{index}.gguf")).ToList();
        files.ForEach(file => Write(file, 1));
        var free = FreeMemory();
        for (var round = 0; round < 8; round++)
        {
            // Two beside each model: clients could not tell the models' adapters apart either.
            var loads = await Task.WhenAll(files.Select((file, index) => LoadAsync("one", file, Names[index % 2])));
            loads.Count(load => load.Status == HttpStatusCode.OK).ShouldBe(1, $"round {round}: {string.Join(" | ", loads)}");
            loads.Where(load => load.Status != HttpStatusCode.OK).ShouldAllBe(load => load.Status == HttpStatusCode.BadRequest && load.Text.Contains("'one'", StringComparison.Ordinal) && load.Text.Contains("already", StringComparison.Ordinal));
            (await ListedAsync()).Count(name => name == "one").ShouldBe(1);
            Text(await AskAsync("one")).ShouldNotBeEmpty();

            var unloads = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => UnloadAsync("one")));
            string.Join(" ", unloads.Select(unload => (int)unload.Status).Order()).ShouldBe("200 404", $"round {round}: {string.Join(" | ", unloads)}");
        }

        FreeMemory().ShouldBe(free);
        foreach (var file in files)
        {
            using var taken = FileLock.TryTake(file, mustExist: true);
            taken.ShouldNotBeNull($"{file} is held");
        }
    }

    [Fact]
    public async Task Who_asks_for_an_adapter_that_may_go_is_told_to_ask_again()
    {
        Put("one.gguf", 1);
        await LoadedAsync("one", "s3://objects/adapters/one.gguf");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // More than the slots compute at once, so that none of it is soon over.
        var busy = Enumerable.Range(0, 40).Select(_ => Developer.PostAsJsonAsync("/v1/completions", new { model = "one", prompt = "x", max_tokens = 2000 }, leaving.Token)).ToList();
        await MetricAsync("running_lora_adapters=\"one\"", "waiting_lora_adapters=\"one\"");
        var unloading = UnloadAsync("one");
        using (var answer = await RefusedAsync())
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter.ShouldNotBeNull().Delta.ShouldBe(TimeSpan.FromSeconds(2));
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("code").GetString().ShouldBe("adapter_leaving");
        }

        unloading.IsCompleted.ShouldBeFalse();
        await leaving.CancelAsync();
        // The first of them may have been answered.
        await Task.WhenAny(Task.WhenAll(busy));

        (await unloading).Status.ShouldBe(HttpStatusCode.OK);
        using var gone = await RefusedAsync();
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    /// <summary>Asked until the request is not taken: one that was taken before waits behind the others, and is given up.</summary>
    private async Task<HttpResponseMessage> RefusedAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var once = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            once.CancelAfter(TimeSpan.FromMilliseconds(500));
            try
            {
                return await Developer.PostAsJsonAsync("/v1/completions", new { model = "one", prompt = "x", max_tokens = 2000 }, once.Token);
            }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested)
            {
            }
        }
    }

    private long FreeMemory()
    {
        var budget = Worker.Services.GetRequiredService<MemoryBudget>();
        var (fits, tooMuch) = (0L, budget.Total + 1);
        while (tooMuch - fits > 1)
        {
            var middle = fits + ((tooMuch - fits) / 2);
            try
            {
                budget.Reserve(middle, () => "a test").Dispose();
                fits = middle;
            }
            catch (LlamaException)
            {
                tooMuch = middle;
            }
        }

        return fits;
    }
}
