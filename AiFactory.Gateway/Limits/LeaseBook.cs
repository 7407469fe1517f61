using System.Collections.Concurrent;
using AiFactory.Gateway.Metering;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Limits;

/// <summary>What requests and the keeper of the leases tell each other.</summary>
/// <param name="migrations">Null where there is no database.</param>
internal sealed class LeaseBook(IConfiguration configuration, MigrationState? migrations = null)
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<Tally> _asked = new();
    private readonly long _startedAt = Now;
    private volatile int _gateways = 1;
    private volatile bool _isAway;
    private long _reachedAt;

    /// <summary>Whether there is no database to share limits by: then each gateway counts for itself, and anew after each start.</summary>
    public bool IsAlone { get; } = !UsageOutbox.IsEnabled(configuration);

    /// <summary>This gateway, from its start to its end.</summary>
    public Guid Holder { get; set; } = Guid.CreateVersion7();

    /// <summary>Raised when the keeper has something to do.</summary>
    public Signal Wake { get; } = new();

    /// <summary>Whether the last call of the database failed; or there was none since the start, some moments ago.</summary>
    public bool IsAway => _isAway || (migrations is { Completed.IsCompletedSuccessfully: false } && TimeProvider.System.GetElapsedTime(_startedAt) > FirstPatience);

    /// <summary>A timestamp of a steady clock, for what lasts moments, whatever time it is said to be.</summary>
    public static long Now => TimeProvider.System.GetTimestamp();

    /// <summary>When the database last answered; 0 while it has not.</summary>
    public long ReachedAt => Volatile.Read(ref _reachedAt);

    /// <summary>How many gateways there were when the database last said.</summary>
    public int Gateways
    {
        get => _gateways;
        set => _gateways = Math.Max(1, value);
    }

    /// <summary>More of it is needed, now or soon; or what is not needed is to be given back.</summary>
    public void Ask(Tally tally)
    {
        if (tally.Mark())
        {
            _asked.Enqueue(tally);
            Wake.Raise();
        }
    }

    public bool HasAsked => !_asked.IsEmpty;

    public bool TryTake(out Tally? tally)
    {
        var taken = _asked.TryDequeue(out tally);
        tally?.Unmark();
        return taken;
    }

    public void Reached()
    {
        Volatile.Write(ref _reachedAt, Now);
        _isAway = false;
    }

    public void Lost() => _isAway = true;
}
