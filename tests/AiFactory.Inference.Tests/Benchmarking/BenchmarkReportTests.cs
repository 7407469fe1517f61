using AiFactory.Inference.Benchmarking;

namespace AiFactory.Inference.Tests.Benchmarking;

public sealed class BenchmarkReportTests
{
    private static readonly BenchmarkSettings s_settings = new(new Uri("http://localhost:1"), "m") { Requests = 3, FirstTokenGoal = 100, InterTokenGoal = 10 };

    private static readonly BenchmarkSample[] s_samples =
    [
        new(50, [5, 5, 5], 70, 100, 90, 4),
        new(150, [5, 5, 5], 170, 100, 0, 4),   // too late
        new(80, [5, 30, 10], 130, 100, 0, 4),  // 15 ms a token
    ];

    [Fact]
    public void Goodput_counts_what_kept_to_both_goals()
    {
        var report = BenchmarkReport.From(s_settings, s_samples, new Dictionary<string, int>(), TimeSpan.FromSeconds(2), interrupted: false);
        report.Goodput.ShouldBe(0.5);
        report.RequestsPerSecond.ShouldBe(1.5);
        report.OutputTokensPerSecond.ShouldBe(6);
        report.TotalTokensPerSecond.ShouldBe(156);
        report.CachedTokens.ShouldBe(90);
        BenchmarkReport.From(s_settings with { FirstTokenGoal = null }, s_samples, new Dictionary<string, int>(), TimeSpan.FromSeconds(2), interrupted: false).Goodput.ShouldBe(1);
        BenchmarkReport.From(s_settings with { FirstTokenGoal = null, InterTokenGoal = null }, s_samples, new Dictionary<string, int>(), TimeSpan.FromSeconds(2), interrupted: false).Goodput.ShouldBeNull();
    }

    [Fact]
    public void Latencies_between_tokens_are_of_all_gaps_and_of_each_requests_mean()
    {
        var report = BenchmarkReport.From(s_settings, s_samples, new Dictionary<string, int>(), TimeSpan.FromSeconds(2), interrupted: false);
        report.InterTokenLatency.ShouldNotBeNull().Count.ShouldBe(9);
        report.InterTokenLatency.Max.ShouldBe(30);
        report.TimePerOutputToken.ShouldNotBeNull().Max.ShouldBe(15);
        report.TimeToFirstToken.ShouldNotBeNull().P50.ShouldBe(80);
        report.EndToEnd.ShouldNotBeNull().P50.ShouldBe(130);
    }

    [Fact]
    public void A_run_that_gave_nothing_is_reported_all_the_same()
    {
        var report = BenchmarkReport.From(s_settings, [], new Dictionary<string, int> { ["refused"] = 3 }, TimeSpan.Zero, interrupted: true);
        report.Failed.ShouldBe(3);
        BenchmarkTable.ToText(report).ShouldContain("3 x refused");
        BenchmarkTable.ToJson(report).ShouldContain("\"interrupted\": true");
    }
}
