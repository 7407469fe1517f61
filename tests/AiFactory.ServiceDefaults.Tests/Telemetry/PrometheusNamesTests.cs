using AiFactory.ServiceDefaults.Telemetry.Prometheus;

namespace AiFactory.ServiceDefaults.Tests.Telemetry;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", "Histogram", "http_server_request_duration_seconds")]
    [InlineData("gen_ai.client.token.usage", "{token}", "Histogram", "gen_ai_client_token_usage")]
    [InlineData("aifactory.gateway.requests", "{request}", "Counter", "aifactory_gateway_requests_total")]
    [InlineData("aifactory.requests_total", "", "Counter", "aifactory_requests_total")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", "Counter", "dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("dotnet.process.cpu.time", "s", "Counter", "dotnet_process_cpu_time_seconds_total")]
    [InlineData("dotnet.process.cpu.count", "{cpu}", "Gauge", "dotnet_process_cpu")]
    [InlineData("queue.total", "", "Gauge", "queue")]
    [InlineData("cache.use", "1", "Gauge", "cache_use_ratio")]
    [InlineData("cache.hits", "1", "Counter", "cache_hits_total")]
    [InlineData("speed", "{token}/s", "Gauge", "speed_per_second")]
    [InlineData("disk.io", "By/s", "Gauge", "disk_io_bytes_per_second")]
    [InlineData("time_seconds", "s", "Histogram", "time_seconds")]
    [InlineData("3com.x--y", "", "Gauge", "_3com_x_y")]
    [InlineData("vllm.num_requests_running", "{request}", "Gauge", "vllm:num_requests_running")]
    [InlineData("vllm.num_requests_running", "{request}", "Gauge", "vllm_num_requests_running")]
    [InlineData("vllm.kv_cache_usage_perc", "1", "Gauge", "vllm:kv_cache_usage_perc")]
    [InlineData("vllm.prompt_tokens", "{token}", "Counter", "vllm:prompt_tokens_total")]
    [InlineData("vllm.time_to_first_token_seconds", "s", "Histogram", "vllm:time_to_first_token_seconds")]
    public void A_name_follows_the_specification(string name, string unit, string type, string expected) =>
        PrometheusNames.Metric(name, unit, Enum.Parse<PrometheusType>(type), expected.Contains(':', StringComparison.Ordinal) ? PrometheusDialect.Vllm : PrometheusDialect.Own).ShouldBe(expected);

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("__name", "_name")]
    [InlineData("gen_ai.request.model", "gen_ai_request_model")]
    public void A_label_has_Prometheus_alphabet(string name, string expected) => PrometheusNames.Label(name).ShouldBe(expected);
}
