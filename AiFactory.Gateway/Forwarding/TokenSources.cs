using System.Collections.Concurrent;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Sources whose tokens were not cancelled, for the next request: a new one is a source, a timer and a list of registrations.</summary>
internal static class TokenSources
{
    private const int Most = 256;

    private static readonly ConcurrentQueue<CancellationTokenSource> Free = new();

    public static CancellationTokenSource Rent(TimeProvider time) =>
        time == TimeProvider.System && Free.TryDequeue(out var source) ? source : new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);

    /// <summary>Nobody waits for its token any more. One whose limit has passed, or is passing, is not used again, nor one of another clock.</summary>
    public static void Return(CancellationTokenSource source, TimeProvider time)
    {
        if (time == TimeProvider.System && Free.Count < Most && source.TryReset())
        {
            Free.Enqueue(source);
            return;
        }

        source.Dispose();
    }
}
