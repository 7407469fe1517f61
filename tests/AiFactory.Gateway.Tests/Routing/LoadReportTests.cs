using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Tests.Routing;

public sealed class LoadReportTests
{
    [Theory]
    // Our worker's two forms.
    [InlineData("TEXT named_metrics.kv_cache_usage_perc=0.25, named_metrics.num_requests_waiting=3, named_metrics.num_requests_running=4", 3.0, 4.0, 0.25)]
    [InlineData("JSON {\"named_metrics\": {\"kv_cache_usage_perc\": 0.25, \"num_requests_waiting\": 3, \"num_requests_running\": 4}}", 3.0, 4.0, 0.25)]
    // vLLM's, from Python and from Rust.
    [InlineData("TEXT named_metrics.kv_cache_usage_perc=0.42, named_metrics.num_requests_waiting=5.0", 5.0, null, 0.42)]
    [InlineData("JSON {\"named_metrics\": {\"kv_cache_usage_perc\": 0.42, \"num_requests_waiting\": 5.0}}", 5.0, null, 0.42)]
    [InlineData("named_metrics.kv_cache_usage_perc=0.42,named_metrics.num_requests_waiting=5", 5.0, null, 0.42)]
    [InlineData("{\"named_metrics\":{\"kv_cache_usage_perc\":0.42,\"num_requests_waiting\":5}}", 5.0, null, 0.42)]
    // Triton's, and what else the standard's report has.
    [InlineData("TEXT named_metrics.kv_cache_utilization=0.5, named_metrics.max_token_capacity=4096", null, null, 0.5)]
    [InlineData("JSON {\"cpu_utilization\": 0.3, \"named_metrics\": {\"num_requests_waiting\": 2}, \"eps\": 1}", 2.0, null, null)]
    // What is too much is cut off; what is none is as if it were not there.
    [InlineData("TEXT named_metrics.num_requests_waiting=1e308, named_metrics.num_requests_running=Infinity, named_metrics.kv_cache_usage_perc=93", 1e6, 1e6, 1.0)]
    [InlineData("TEXT named_metrics.num_requests_waiting=NaN, named_metrics.num_requests_running=-4, named_metrics.kv_cache_usage_perc=0.1", null, null, 0.1)]
    [InlineData("TEXT named_metrics.num_requests_waiting=many, named_metrics.num_requests_running=2", null, 2.0, null)]
    public void What_servers_write_is_understood(string text, double? waiting, double? running, double? cacheUse)
    {
        LoadReport.TryParse(text, out var report).ShouldBeTrue();
        report.ShouldBe(new LoadReport(waiting, running, cacheUse));
    }

    [Theory]
    [InlineData("")]
    [InlineData("TEXT")]
    [InlineData("TEXT cpu_utilization=0.3, rps_fractional=10.0")]
    [InlineData("BIN CgsKA2NwdRIE")]
    [InlineData("JSON {\"named_metrics\": [1, 2, 3]}")]
    [InlineData("JSON {\"kv_cache_usage_perc")]
    [InlineData("TEXT num_requests_waiting")]
    [InlineData("TEXT num_requests_waiting=")]
    [InlineData("TEXT xnum_requests_waiting=3")]
    [InlineData("=,=:,:,{}}}\"\"==,,,")]
    public void What_tells_nothing_is_no_report(string text) => LoadReport.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void One_that_is_longer_than_any_report_is_not_read() =>
        LoadReport.TryParse("TEXT " + string.Join(", ", Enumerable.Range(0, 500).Select(number => $"a{number}=1")) + ", num_requests_waiting=3", out _).ShouldBeFalse();

    [Fact]
    public void Reading_one_allocates_nothing()
    {
        const string Text = "TEXT named_metrics.kv_cache_usage_perc=0.42, named_metrics.num_requests_waiting=5.0, named_metrics.num_requests_running=4";
        var understood = LoadReport.TryParse(Text, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            understood &= LoadReport.TryParse(Text, out _);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        understood.ShouldBeTrue();
    }
}
