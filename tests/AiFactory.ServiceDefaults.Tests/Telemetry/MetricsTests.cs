using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ServiceDefaults.Tests.Telemetry;

public sealed class MetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instruments_come_out_in_the_text_format()
    {
        using var meter = new Meter($"test-{Guid.CreateVersion7()}");
        await using var service = await StartAsync(meter);
        meter.CreateCounter<long>("test.requests", "{request}", "Requests.\nAll of them, \\ too.").Add(2, new("a.b", "x\"y\\z\n"), new("ok", true));
        meter.CreateUpDownCounter<int>("test.open.count", "{stream}").Add(-3);
        meter.CreateObservableGauge("vllm.kv_cache_usage_perc", () => 0.5, "1", "Use.");
        var histogram = meter.CreateHistogram("test.wait", "s", "Waits.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        histogram.Record(0.25);
        histogram.Record(0.75);
        histogram.Record(30);

        var lines = (await service.Client.GetStringAsync("/metrics", Token)).Split('\n');

        lines.ShouldContain("# HELP test_requests_total Requests. All of them, \\\\ too.");
        lines.ShouldContain("# TYPE test_requests_total counter");
        lines.ShouldContain("""test_requests_total{a_b="x\"y\\z\n",ok="true"} 2""");
        lines.ShouldContain("# TYPE test_open gauge");
        lines.ShouldContain("test_open -3");
        lines.ShouldContain("vllm_kv_cache_usage_perc 0.5");
        lines.ShouldContain("""test_wait_seconds_bucket{le="0.5"} 1""");
        lines.ShouldContain("""test_wait_seconds_bucket{le="1"} 2""");
        lines.ShouldContain("""test_wait_seconds_bucket{le="+Inf"} 3""");
        lines.ShouldContain("test_wait_seconds_sum 31");
        lines.ShouldContain("test_wait_seconds_count 3");
        lines.ShouldContain(line => line.StartsWith("target_info{", StringComparison.Ordinal) && line.Contains("service_name=\"AiFactory.TestService\""));
    }

    [Fact]
    public async Task Two_meters_with_one_name_make_one_family()
    {
        using var one = new Meter($"test-{Guid.CreateVersion7()}");
        using var two = new Meter($"test-{Guid.CreateVersion7()}");
        await using var service = await StartAsync(one, two);
        one.CreateCounter<long>("same.name", null, "Help.").Add(1, new KeyValuePair<string, object?>("meter", "one"));
        two.CreateCounter<long>("same.name", null, "Other help.").Add(1, new KeyValuePair<string, object?>("meter", "two"));
        two.CreateUpDownCounter<long>("same.name_total", null, "Not written: it is another type.").Add(1);

        var text = await service.Client.GetStringAsync("/metrics", Token);

        text.Split("# TYPE same_name_total ").Length.ShouldBe(2);
        text.ShouldContain("""same_name_total{meter="one"} 1""");
        text.ShouldContain("""same_name_total{meter="two"} 1""");
    }

    [Fact]
    public async Task What_a_narrow_meter_has_too_much_of_goes_together_and_nothing_is_lost()
    {
        const int values = 150;
        using var narrow = new Meter("Npgsql");
        using var wide = new Meter($"test-{Guid.CreateVersion7()}");
        await using var service = await StartAsync(wide);
        var (few, many) = (narrow.CreateCounter<long>("test.few"), wide.CreateCounter<long>("test.many"));
        for (var value = 0; value < values; value++)
        {
            few.Add(1, new KeyValuePair<string, object?>("value", value));
            many.Add(1, new KeyValuePair<string, object?>("value", value));
        }

        var lines = (await service.Client.GetStringAsync("/metrics", Token)).Split('\n');

        lines.Count(line => line.StartsWith("test_many_total{", StringComparison.Ordinal)).ShouldBe(values);
        var kept = lines.Where(line => line.StartsWith("test_few_total{", StringComparison.Ordinal)).ToList();
        kept.Count.ShouldBeInRange(90, 101);
        kept.ShouldContain(line => line.Contains("otel_metric_overflow=\"true\"", StringComparison.Ordinal));
        kept.Sum(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ShouldBe(values);
    }

    [Fact]
    public async Task What_is_scraped_is_clean_under_promtool()
    {
        using var meter = new Meter($"test-{Guid.CreateVersion7()}");
        await using var service = await StartAsync(meter);
        meter.CreateCounter<long>("aifactory.gateway.requests", "{request}").Add(1, new KeyValuePair<string, object?>("error.type", "timeout"));
        meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s").Record(0.1);
        meter.CreateUpDownCounter<int>("aifactory.streams.count", "{stream}").Add(1);
        meter.CreateGauge<double>("aifactory.cache.use", "1").Record(0.5);
        for (var i = 0; i < 3; i++)
        {
            using var ok = await service.Client.GetAsync("/hello", Token);
            using var absent = await service.Client.GetAsync("/absent", Token);
        }

        var text = await service.Client.GetStringAsync("/metrics", Token);
        text.ShouldContain("http_server_request_duration_seconds_bucket{");
        text.ShouldContain("http_route=\"/hello\"");
        text.ShouldContain("dotnet_process_memory_working_set_bytes ");
        text.ShouldContain("kestrel_active_connections{");

        var (code, output) = await PromtoolAsync(text);
        output.ShouldBe("");
        code.ShouldBe(0);
    }

    [Fact]
    public async Task What_vLLM_has_too_stands_under_its_names_on_a_path_of_its_own()
    {
        using var meter = new Meter($"test-{Guid.CreateVersion7()}");
        await using var service = await StartAsync(meter);
        meter.CreateUpDownCounter<int>("vllm.num_requests_running", "{request}", "Running.").Add(1);
        meter.CreateCounter<long>("vllm.prompt_tokens_total", "{token}", "Tokens.").Add(1);

        var own = await service.Client.GetStringAsync("/metrics", Token);
        var vllm = await service.Client.GetStringAsync("/metrics/vllm", Token);

        (await PromtoolAsync(own)).Output.ShouldBe("");
        own.Split('\n').ShouldContain("vllm_prompt_tokens_total 1");
        vllm.Split('\n').Where(line => !line.StartsWith('#') && line.Length > 0).ShouldBe(["vllm:num_requests_running 1", "vllm:prompt_tokens_total 1"]);
    }

    [Fact]
    public async Task The_content_type_names_the_format()
    {
        await using var service = await StartAsync();
        using var response = await service.Client.GetAsync("/metrics", Token);

        response.Content.Headers.ContentType?.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
    }

    private static Task<TestService> StartAsync(params Meter[] meters) => TestService.StartAsync(
        app => app.MapGet("/hello", () => "hello").AllowAnonymous(),
        builder => builder.AddTelemetrySources(meters.Select(meter => meter.Name)));

    private static async Task<(int Code, string Output)> PromtoolAsync(string text)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }).ShouldNotBeNull();
        var output = promtool.StandardOutput.ReadToEndAsync(Token);
        var error = promtool.StandardError.ReadToEndAsync(Token);
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync(Token);
        return (promtool.ExitCode, await output + await error);
    }
}
