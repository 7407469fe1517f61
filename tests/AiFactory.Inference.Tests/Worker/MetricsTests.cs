using System.Net.Http.Json;

namespace AiFactory.Inference.Tests.Worker;

[Collection(SharedWorker.Name)]
public sealed class MetricsTests(WorkerFixture fixture)
{
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
}
