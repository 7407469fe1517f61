using System.Collections.Concurrent;
using AiFactory.Gateway.Batches.Running;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches;

/// <summary>How far batches are that run. Clients ask again and again, and each count reads all requests of a batch: one is as good as new for a moment.</summary>
internal sealed class BatchProgress(BatchStore store, IOptions<BatchOptions> options, TimeProvider time)
{
    /// <summary>More than are looked at together; what is older than a moment is of no use.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<Guid, (ResultCounts Counts, long At)> _known = new();

    public async Task<BatchRow> FillAsync(BatchRow row, CancellationToken cancellationToken) => (await FillAsync([row], cancellationToken))[0];

    /// <summary>Those that run get their counts; those that have ended have them.</summary>
    public async Task<IReadOnlyList<BatchRow>> FillAsync(IReadOnlyList<BatchRow> rows, CancellationToken cancellationToken)
    {
        var counts = rows.Where(IsCounted).ToDictionary(row => row.Id, row => Fresh(row.Id));
        var unknown = counts.Where(one => one.Value is null).Select(one => one.Key).ToArray();
        if (unknown.Length > 0)
        {
            if (_known.Count > Most)
            {
                _known.Clear();
            }

            var counted = (await store.CountAsync(unknown, cancellationToken)).ToDictionary(one => one.BatchId);
            var now = time.GetTimestamp();
            foreach (var id in unknown)
            {
                var one = counted.GetValueOrDefault(id) ?? new ResultCounts { BatchId = id };
                counts[id] = one;
                _known[id] = (one, now);
            }
        }

        return [.. rows.Select(row => counts.GetValueOrDefault(row.Id) is { } known ? With(row, known) : row)];
    }

    private static bool IsCounted(BatchRow row) => row.Status is BatchStates.InProgress or BatchStates.Finalizing or BatchStates.Cancelling;

    private ResultCounts? Fresh(Guid id) => _known.TryGetValue(id, out var known) && time.GetElapsedTime(known.At) < options.Value.Interval ? known.Counts : null;

    private static BatchRow With(BatchRow row, ResultCounts counts) => row with
    {
        Completed = counts.Completed,
        Failed = counts.Failed,
        InputTokens = counts.InputTokens,
        CachedTokens = counts.CachedTokens,
        OutputTokens = counts.OutputTokens,
        ReasoningTokens = counts.ReasoningTokens,
    };
}
