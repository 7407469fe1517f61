using System.Diagnostics;
using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>Looks at the gateway sixty times in the run, an hour's every minute, and writes each look as a line of comma-separated values.</summary>
internal sealed class SoakWatch(SoakOptions options, DoorProcess gateway, Uri address, SoakTally tally, SoakDriver driver)
{
    private const int Looks = 60;

    /// <summary>Of one look: a single one can fall on a burst.</summary>
    private const int Readings = 5;

    /// <summary>From here on figures count: until then code is compiled, pools fill and caches take what they hold.</summary>
    private const double Settled = 1.0 / 6;

    /// <summary>Before them, so that a collection which is induced does not bend the line.</summary>
    private const int FirstCollection = Looks / 12;

    private static readonly TimeSpan Drained = TimeSpan.FromSeconds(30);

    private readonly List<GatewayVitals> _looks = [];
    private long _askedBefore;

    /// <summary>MiB in use in a pause of the load, when no request was open.</summary>
    public double LiveAtFirst { get; private set; }

    /// <summary>The same after it.</summary>
    public double LiveAtLast { get; private set; }

    /// <summary>Requests between the two.</summary>
    public long Between { get; private set; }

    public int OpenAtUpstreams { get; private set; }

    /// <summary>At the end, when no request was open any more.</summary>
    public GatewayVitals? AtRest { get; private set; }

    public IReadOnlyList<GatewayVitals> Settling => [.. _looks.Take(First)];

    public IReadOnlyList<GatewayVitals> Counted => [.. _looks.Skip(First)];

    private static int First => (int)(Looks * Settled);

    /// <summary>Returns when the load ends.</summary>
    public async Task RunAsync(CancellationToken enough, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = address };
        Console.WriteLine("minute,rss_mib,heap_mib,full_collections,files,threads,open,requests,answered,refused,failed_as_planned,broken_as_planned,left,unexpected,not_made");
        var (began, every) = (Stopwatch.GetTimestamp(), options.Time / Looks);
        for (var look = 1; look <= Looks && !enough.IsCancellationRequested; look++)
        {
            var readings = new List<GatewayVitals>();
            for (var reading = Readings; reading > 0; reading--)
            {
                var due = (every * look) - (every / (Readings * 2) * reading) - Stopwatch.GetElapsedTime(began);
                await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, stop);
                if (gateway.HasEnded)
                {
                    throw new InvalidOperationException("The gateway has ended under the load.");
                }

                readings.Add(await GatewayVitals.ReadAsync(gateway, http, stop));
            }

            _looks.Add(Median(readings));
            Write(every * look, _looks[^1]);
            if (look == FirstCollection)
            {
                await driver.PauseAsync(async () => LiveAtFirst = await LiveAsync(http, stop), stop);
                _askedBefore = tally.Asked;
            }
        }
    }

    /// <summary>After the load: what is still open, and what is still in use.</summary>
    public async Task FinishAsync(CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = address };
        LiveAtLast = await LiveAsync(http, stop);
        OpenAtUpstreams = SoakUpstream.Open;
        Between = tally.Asked - _askedBefore;
        AtRest = await GatewayVitals.ReadAsync(gateway, http, stop);
    }

    private async Task<double> LiveAsync(HttpClient http, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (SoakUpstream.Open > 0 && Stopwatch.GetElapsedTime(began) < Drained)
        {
            await Task.Delay(100, stop);
        }

        await FullCollection.InduceAsync(gateway.Id, stop);
        var live = (await GatewayVitals.ReadAsync(gateway, http, stop)).Heap;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# in use after a full collection: {live:0.0} MiB"));
        return live;
    }

    private static GatewayVitals Median(List<GatewayVitals> readings) => new(
        LoadBars.Median(readings.Select(one => one.Resident)),
        LoadBars.Median(readings.Select(one => one.Heap)),
        (int)LoadBars.Median(readings.Select(one => (double)one.Files)),
        (int)LoadBars.Median(readings.Select(one => (double)one.Threads)),
        readings[^1].Collections);

    private void Write(TimeSpan at, GatewayVitals vitals)
    {
        var failed = tally.Sum(outcome => outcome.StartsWith('5'));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{at.TotalMinutes:0.##},{vitals.Resident:0.0},{vitals.Heap:0.0},{vitals.Collections},{vitals.Files},{vitals.Threads},{tally.Open},{tally.Asked},{tally.Sum(one => one == SoakTally.Answered)},{tally.Sum(one => one.StartsWith('4'))},{failed},{tally.Sum(one => one == SoakTally.Broken)},{tally.Sum(one => one == SoakTally.Left)},{tally.Unexpected},{tally.Behind}"));
        while (tally.Samples.TryDequeue(out var sample))
        {
            Console.WriteLine($"# unexpected: {sample}");
        }
    }
}
