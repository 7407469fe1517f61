using System.Globalization;
using System.Net.Http.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Tests.Worker;

[Collection(SharedWorker.Name)]
public sealed class MetricsTests(WorkerFixture fixture)
{
    [Fact]
    public async Task Choices_compute_their_prompt_once()
    {
        using var client = fixture.Worker.CreateCaller();
        var before = await CountAsync(client, "vllm:prefix_cache_hits_total");
        using var response = await client.PostAsJsonAsync(
            "/v1/completions", new { model = "endless", prompt = string.Concat(Enumerable.Range(0, 30).Select(number => $"choice {number}, ")), n = 3, max_tokens = 2 }, Token);
        var usage = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.Completion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull();

        // All but the prompt's last token, whose logits choose the first of each answer.
        (await CountAsync(client, "vllm:prefix_cache_hits_total") - before).ShouldBe(2 * (usage.PromptTokens - 1));
    }

    [Fact]
    public async Task A_slot_that_was_taken_from_another_is_counted()
    {
        using var client = fixture.Worker.CreateCaller();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var engine = fixture.Worker.Registry.Ready.OfType<ServedModel>().Single(model => model.Assignment.Deployment == "endless").Generator.ShouldNotBeNull();
        var before = await CountAsync(client, "vllm:num_preemptions_total");
        var busy = Enumerable.Range(0, engine.Slots).Select(_ => client.PostAsJsonAsync("/v1/completions", new { model = "endless", prompt = "x", max_tokens = 500, priority = 10 }, leaving.Token)).ToList();
        while (engine.Load.Running < engine.Slots)
        {
            await Task.Delay(1, Token);
        }

        using var urgent = await client.PostAsJsonAsync("/v1/completions", new { model = "endless", prompt = "y", max_tokens = 1 }, Token);
        urgent.EnsureSuccessStatusCode();

        (await CountAsync(client, "vllm:num_preemptions_total") - before).ShouldBe(1);
        await leaving.CancelAsync();
        await Task.WhenAll(busy).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData("vllm:num_requests_running{")]
    [InlineData("vllm:num_requests_waiting{")]
    [InlineData("vllm:kv_cache_usage_perc{")]
    [InlineData("vllm:prompt_tokens_total{")]
    [InlineData("vllm:generation_tokens_total{")]
    [InlineData("vllm:prefix_cache_queries_total{")]
    [InlineData("vllm:prefix_cache_hits_total{")]
    [InlineData("vllm:time_to_first_token_seconds_bucket{")]
    [InlineData("vllm:inter_token_latency_seconds_sum{")]
    [InlineData("vllm:e2e_request_latency_seconds_count{")]
    [InlineData("vllm:request_queue_time_seconds_count{")]
    [InlineData("vllm:request_success_total{")]
    [InlineData("gen_ai_server_request_duration_seconds_bucket{")]
    [InlineData("gen_ai_server_time_to_first_token_seconds_bucket{")]
    [InlineData("gen_ai_server_time_per_output_token_seconds_bucket{")]
    public async Task Stock_dashboards_find_their_names(string start)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = fixture.Worker.CreateCaller();
        using var response = await client.PostAsJsonAsync(
            "/v1/chat/completions", new { model = "endless", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 4 }, token);
        response.EnsureSuccessStatusCode();
        var metrics = await client.GetStringAsync("/metrics", token) + await client.GetStringAsync("/metrics/vllm", token);
        metrics.Split('\n').ShouldContain(line => line.StartsWith(start, StringComparison.Ordinal), customMessage: metrics);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>0 before the first count.</summary>
    private static async Task<double> CountAsync(HttpClient client, string counter)
    {
        // vllm:num_preemptions_total{model_name="endless"} 1
        var lines = (await client.GetStringAsync("/metrics/vllm", Token)).Split('\n').Where(line => line.StartsWith($"{counter}{{", StringComparison.Ordinal) && line.Contains("\"endless\"", StringComparison.Ordinal));
        return lines.Sum(line => double.Parse(line[(line.IndexOf("} ", StringComparison.Ordinal) + 2)..].Split(' ')[0], CultureInfo.InvariantCulture));
    }
}
