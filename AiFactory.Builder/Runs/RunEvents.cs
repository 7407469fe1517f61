using System.Runtime.CompilerServices;
using System.Text.Json;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Runs;

/// <summary>Follows runs: what has happened, then what happens, to the end.</summary>
internal sealed class RunEvents(RunStore runs, RunFeed feed, TimeProvider time)
{
    private const int Batch = 500;

    /// <summary>Of data that is read at once: each watcher has it in memory.</summary>
    private const long BatchBytes = 1024 * 1024;

    /// <summary>Notifications come at once; this is for one that did not.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <summary>Every event after a sequence, in order and without a gap, and between them, live, the pieces of text. Ends with the run.</summary>
    /// <param name="withOutputs">Else what the steps and the run gave is left out.</param>
    internal async IAsyncEnumerable<RunEventResponse> FollowAsync(RunRow run, long after, bool withOutputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // 1. Watch first, so that nothing falls between reading and watching.
        using var watch = feed.Subscribe(run.Id);
        var ended = new HashSet<(string?, int?)>();
        while (true)
        {
            // 2. What the database has.
            IReadOnlyList<RunEventRow> rows;
            do
            {
                rows = await runs.ListEventsAsync(run.Id, after, Batch, BatchBytes, withOutputs, cancellationToken);
                foreach (var row in rows)
                {
                    after = row.Sequence;
                    if (row.Type is RunEventTypes.StepFinished or RunEventTypes.StepFailed or RunEventTypes.StepRetried)
                    {
                        ended.Add((row.Node, row.Attempt));
                    }

                    yield return RunMapping.ToResponse(row);
                    if (RunMapping.EndsRun(row.Type))
                    {
                        yield break;
                    }
                }
            }
            while (rows.Count == Batch || rows is [.., { Bytes: >= BatchBytes }]);

            // Asked for behind the end: there is nothing to wait for.
            if (rows.Count == 0 && await runs.FindAsync(run.Project, run.Id, cancellationToken) is { } now && RunMapping.IsOver(now.State) && after >= now.LastSequence)
            {
                yield break;
            }

            // 3. Pieces of text, until there is something in the database again.
            await foreach (var delta in NewsAsync(watch, cancellationToken))
            {
                if (!ended.Contains((delta.Node, delta.Attempt)))
                {
                    yield return ToEvent(delta);
                }
            }
        }
    }

    /// <summary>Ends when the database is to be read.</summary>
    private async IAsyncEnumerable<RunDelta> NewsAsync(RunFeed.Watch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Poll, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        while (true)
        {
            RunDelta? delta;
            try
            {
                delta = await watch.News.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                yield break;
            }

            if (delta is null)
            {
                yield break;
            }

            yield return delta;
        }
    }

    private RunEventResponse ToEvent(RunDelta delta) => new(
        0,
        RunEventTypes.StepDelta,
        delta.Node,
        delta.Attempt,
        time.GetUtcNow(),
        JsonSerializer.SerializeToElement(new DeltaData(delta.Text, delta.Offset, delta.Answer), RunJson.Default.DeltaData));
}
