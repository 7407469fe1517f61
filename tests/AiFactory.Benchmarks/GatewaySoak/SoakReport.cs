using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The table, and what it is held against.</summary>
internal static class SoakReport
{
    /// <summary>MiB of a line through what is measured under load. At the usual rate the counted part of an hour has 600,000 requests: one object that each of them left, and none is below 24 bytes, would be 14 MiB.</summary>
    private const double MostGrowth = 10;

    /// <summary>Bytes in use that each request leaves: half an object.</summary>
    private const double MostOfRequest = 12;
    private const double MostFiles = 10;

    /// <summary>Of <see cref="SoakPlan.PerMinute"/>: the load begins and ends within a minute, and pauses once.</summary>
    private const double FewestPerMinute = 55;

    /// <summary>What one request of the project with a budget reserves at most, in EUR: as much of it may be left when it refuses.</summary>
    private const decimal MostReserved = 0.02m;
    private const double MiB = 1 << 20;
    private const double MostThreads = 5;

    public static BenchmarkSection Section(SoakOptions options, SoakWatch watch, SoakTally tally, SoakLedger ledger, int errors, decimal budget, int objects)
    {
        var (bars, counted) = (new LoadBars(), watch.Counted);
        foreach (var (kind, outcome, count) in tally.Outcomes.Order())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {kind}: {outcome}: {count}"));
        }

        bars.Tell("minutes of load", options.Minutes);
        bars.Tell("requests, and a second", string.Create(CultureInfo.InvariantCulture, $"{tally.Asked}; {tally.Asked / options.Time.TotalSeconds:0}"));
        bars.Tell("answered whole", tally.Sum(one => one == SoakTally.Answered));
        bars.Tell("refused as planned (4xx)", tally.Sum(one => one.StartsWith('4')));
        bars.Tell("failed as planned: no replica was well (5xx)", tally.Sum(one => one.StartsWith('5')));
        bars.Tell("broken as planned: the replica broke off mid-stream", tally.Sum(one => one == SoakTally.Broken));
        bars.Tell("clients that left", tally.Sum(one => one == SoakTally.Left));
        bars.AtMost("ended otherwise than planned", tally.Unexpected, 0);
        bars.AtMost("requests that never ended", tally.Open, 0);
        HoldShares(bars, options, tally);
        bars.AtMost("not made, for too many were under way", tally.Behind, 0);
        bars.Tell("resident memory (VmRSS) in the counted part: first, median, last", Line(counted, one => one.Resident));
        bars.AtMost("growth of resident memory (fit)", Trend.Rise([.. counted.Select(one => one.Resident)]), MostGrowth, "MiB");
        bars.Tell("managed heap after the last collection: first, median, last", Line(counted, one => one.Heap));
        bars.AtMost("growth of the managed heap (fit)", Trend.Rise([.. counted.Select(one => one.Heap)]), MostGrowth, "MiB");
        bars.Tell("managed heap in use after a full collection: at a twelfth, at the end", string.Create(CultureInfo.InvariantCulture, $"{watch.LiveAtFirst:0.0}, {watch.LiveAtLast:0.0} MiB"));
        bars.AtMost("growth of the heap in use, for each request between", (watch.LiveAtLast - watch.LiveAtFirst) * MiB / Math.Max(1, watch.Between), MostOfRequest, "B");
        bars.AtMost("growth of open files (fit)", Trend.Rise([.. counted.Select(one => (double)one.Files)]), MostFiles);
        bars.AtMost("growth of threads (fit)", Trend.Rise([.. counted.Select(one => (double)one.Threads)]), MostThreads);
        bars.AtMost("requests left open at upstreams", watch.OpenAtUpstreams, 0);
        bars.AtMost("errors in the gateway's log", errors, 0);
        bars.Tell("records in the ledger", ledger.Rows);
        bars.AtMost("requests with two records, or a record of none", ledger.Twice + ledger.Unknown, 0);
        bars.AtMost("requests that an upstream was asked, without a record", ledger.Unseen, 0);
        bars.AtMost("answers at clients without a record, or with other tokens", ledger.Unrecorded + ledger.Miscounted, 0);
        bars.AtMost("records that never ended, of requests that did", ledger.Interrupted, 0);
        bars.AtLeast("the request that was under way when the gateway was killed: its record says so", ledger.Cut ? 1 : 0, 1);
        bars.AtMost("answered requests of batches and jobs: records less answers", Math.Abs(ledger.WorkRows - tally.Worked), 0);
        var least = tally.CountOf(SoakKinds.MoreThanBudget, SoakKinds.OutOfBudget) > 0 ? budget - MostReserved : 0;
        bars.AtMost("spent of a budget", (double)ledger.Spent, (double)budget, "EUR");
        bars.AtLeast("spent of a budget, as it refused", (double)ledger.Spent, (double)least, "EUR");
        bars.AtMost("objects left in storage", objects, 0);
        return new BenchmarkSection(SoakOptions.Command, $"The gateway under {options.Minutes} minutes of mixed load", Method, bars.Rows) { Missed = bars.Missed, Arguments = options.Arguments };
    }

    /// <summary>Where more than one end is planned: that no one of them is all, or none.</summary>
    private static void HoldShares(LoadBars bars, SoakOptions options, SoakTally tally)
    {
        foreach (var kind in SoakKinds.All)
        {
            foreach (var (outcome, share) in kind.Least)
            {
                bars.AtLeast($"{kind.Name}: {outcome}", tally.CountOf(kind.Name, outcome), Math.Floor(share * tally.CountOf(kind.Name)));
            }
        }

        var within = tally.CountOf(SoakKinds.MoreThanLimit, SoakTally.Answered);
        bars.AtMost($"answered under a limit of {SoakPlan.PerMinute} a minute", within, SoakPlan.PerMinute * (options.Minutes + 1));
        bars.AtLeast($"answered under a limit of {SoakPlan.PerMinute} a minute, at least", within, Math.Min(tally.CountOf(SoakKinds.MoreThanLimit), FewestPerMinute * options.Minutes));
    }

    private static string Method =>
        $"The built gateway (a process; keys, five projects, limits, a budget, metering, guardrails on one project, caches on two deployments, traces of 1 %) with its Postgres, clients and upstreams on one machine, {SoakKinds.All.Count} kinds of requests at an even pace each: " +
        "chats, streams of one to four seconds, embeddings, rerank, Anthropic's messages, envelopes, KServe, WebSockets, files, batches and jobs, what is refused (401, 404, 429, by rules), clients that leave, and replicas that answer 502 to 504, break off, hang, answer garbage, go and come back; a new routing snapshot every five seconds. " +
        "Sixty looks at the gateway, each the median of five readings; the first sixth is not counted. Growth is that of a line through the rest (Theil-Sen) from its beginning to its end, and beside it the heap after two full collections that were induced while no request was open, the first in a pause of the load. " +
        $"No growth is at most {MostGrowth} MiB: one object that each request left would be 14 MiB in an hour at the usual rate. Each answer names the question and the request that it is to, and clients read it: the text, the tokens, of streams every chunk. At the end the gateway is killed with one stream under way and started again on what it left, " +
        "and the ledger is compared request by request with what clients read (tokens too) and with the ids that upstreams saw.";

    private static string Line(IReadOnlyList<GatewayVitals> looks, Func<GatewayVitals, double> figure) =>
        looks.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{figure(looks[0]):0.0}, {LoadBars.Median(looks.Select(figure)):0.0}, {figure(looks[^1]):0.0} MiB");
}
