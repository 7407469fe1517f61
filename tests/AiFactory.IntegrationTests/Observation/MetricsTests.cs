using System.Diagnostics;

namespace AiFactory.IntegrationTests.Observation;

/// <summary>FEATURES row 108: what every service exports passes Prometheus's own check.</summary>
[Collection(SharedFactory.Name)]
public sealed class MetricsTests(FactoryFixture fixture)
{
    [Theory]
    [InlineData("AiFactory.Gateway")]
    [InlineData("AiFactory.ModelLibrary")]
    [InlineData("AiFactory.Inference")]
    public async Task Metrics_pass_promtool_check(string project)
    {
        using var http = new HttpClient();
        var address = ServiceAddress(project);
        using var library = new LibraryClient(fixture.Factory);
        using var used = await library.Http.PostAsync(
            "v1/chat/completions",
            System.Net.Http.Json.JsonContent.Create(Governance.RefusedModelTests.Chat("demo-chat")),
            TestContext.Current.CancellationToken);

        var metrics = await http.GetStringAsync(new Uri(address, "metrics"), TestContext.Current.CancellationToken);

        used.IsSuccessStatusCode.ShouldBeTrue();
        metrics.Split('\n').Count(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).ShouldBeGreaterThan(5);
        (await PromtoolAsync(metrics)).ShouldBe("");
    }

    [Theory]
    [InlineData("AiFactory.Gateway")]
    [InlineData("AiFactory.ModelLibrary")]
    [InlineData("AiFactory.Inference")]
    public async Task Every_service_says_that_it_lives_and_is_ready(string project)
    {
        using var http = new HttpClient { BaseAddress = ServiceAddress(project) };

        using var alive = await http.GetAsync("healthz", TestContext.Current.CancellationToken);

        alive.IsSuccessStatusCode.ShouldBeTrue();
        // Another test may have had it started again just now.
        await Faults.KilledProcessTests.EventuallyAsync(
            async () =>
            {
                using var ready = await http.GetAsync("readyz", TestContext.Current.CancellationToken);
                return ready.IsSuccessStatusCode;
            },
            $"{project} is ready");
    }

    private Uri ServiceAddress(string project) =>
        new(fixture.Factory.Child(project).Environment("ASPNETCORE_URLS")!.Split(';')[0]); // every service is given its address by the AppHost

    private static async Task<string> PromtoolAsync(string metrics)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("promtool did not start");
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said.Trim();
    }
}
