using System.Threading.Channels;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// The second level: what all gateways have, also after they were started again. It is never waited for longer than a moment, and one that is away is asked again after a while: meanwhile everything
/// is a miss there, and what would be stored is not.
/// </summary>
/// <param name="store">Null where there is no database, or the settings want nothing stored.</param>
internal sealed partial class StoredAnswers(
    CachingTelemetry telemetry, IOptions<CachingOptions> options, TimeProvider time, ILogger<StoredAnswers> logger, CacheStore? store = null, MigrationState? migrations = null)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Bytes that wait to be stored; what comes beyond them is not.</summary>
    private const long MostWaiting = 32 << 20;

    /// <summary>Orders that are remembered: older ones were carried out in the database long ago.</summary>
    private const int MostPurges = 64;

    private readonly Channel<(CacheKey Key, CacheEntry Entry)> _waiting = Channel.CreateUnbounded<(CacheKey, CacheEntry)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TimeSpan _timeout = options.Value.StoreTimeout;
    private long _waitingBytes;
    private long _awayUntil;
    private volatile CachePurge[] _purges = [];

    public ChannelReader<(CacheKey Key, CacheEntry Entry)> Waiting => _waiting.Reader;

    private bool IsAway => time.GetTimestamp() < Volatile.Read(ref _awayUntil);

    private CacheStore? Reachable => migrations?.Problem is null && !IsAway ? store : null;

    /// <summary>Those that are there.</summary>
    public async Task<IReadOnlyList<(CacheKey Key, CacheEntry Entry)>> FindAsync(IReadOnlyCollection<CacheKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0 || Reachable is not { } reachable)
        {
            return [];
        }

        using var timeout = new CancellationTokenSource(_timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var rows = await reachable.FindAsync([.. keys.Select(key => key.ToBytes())], time.GetUtcNow(), limit.Token);
            return [.. rows.Select(row => (Key: CacheKey.From(row.Key), Entry: row.ToEntry())).Where(one => !IsPurged(one.Entry))];
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                Failed(timeout.IsCancellationRequested ? "not within Caching:StoreTimeout" : error.Message);
            }

            return [];
        }
    }

    public void Queue(CacheKey key, CacheEntry entry)
    {
        if (store is null)
        {
            return;
        }

        if (IsAway)
        {
            telemetry.NotStored(1);
        }
        else if (Interlocked.Add(ref _waitingBytes, entry.Size) > MostWaiting)
        {
            Interlocked.Add(ref _waitingBytes, -entry.Size);
            telemetry.NotStored(1);
        }
        else
        {
            _waiting.Writer.TryWrite((key, entry));
        }
    }

    /// <summary>What still waits is not stored, and what is still read is not given.</summary>
    public void Drop(CachePurge purge) => _purges = [.. _purges.TakeLast(MostPurges - 1), purge];

    /// <summary>Stores what was taken from <see cref="Waiting"/>.</summary>
    public async Task PutAsync(IReadOnlyCollection<(CacheKey Key, CacheEntry Entry)> taken, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _waitingBytes, -taken.Sum(one => one.Entry.Size));
        var rows = taken.Where(one => !IsPurged(one.Entry)).GroupBy(one => one.Key).Select(group => CacheRow.From(group.Key, group.Last().Entry)).ToArray();
        try
        {
            if (rows.Length > 0 && Reachable is { } reachable)
            {
                await reachable.PutAsync(rows, cancellationToken);
                return;
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            Failed(error.Message);
        }

        telemetry.NotStored(rows.Length);
    }

    private bool IsPurged(CacheEntry entry) => Array.Exists(_purges, purge => purge.Covers(entry));

    private void Failed(string reason)
    {
        Volatile.Write(ref _awayUntil, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
        telemetry.StoreFailed();
        LogAway(logger, reason, Pause.TotalSeconds);
    }

    [LoggerMessage(1951, LogLevel.Warning, "The database of answers that are kept does not answer ({Reason}): they are kept in memory alone for {Seconds} s")]
    private static partial void LogAway(ILogger logger, string reason, double seconds);
}
