using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiFactory.Gateway.Limits;

/// <summary>
/// Gets this gateway its parts of the limits, before they are used up where it can, and gives back what others need. One call of the database at a time, whatever the number of
/// requests and limits.
/// </summary>
internal sealed partial class LeaseKeeper(
    LeaseBook book,
    Tallies tallies,
    LeaseStore store,
    HolderFile file,
    UsageOutbox outbox,
    CurrentRoutes routes,
    LimitsTelemetry telemetry,
    MigrationState migrations,
    IOptions<LimitsOptions> options,
    TimeProvider time,
    ILogger<LeaseKeeper> logger)
    : Loop(migrations, book.Wake, options.Value.Heartbeat, time, logger)
{
    /// <summary>Who is silent for so many heartbeats is not waited for.</summary>
    private const int MissedBeats = 10;

    /// <summary>Then the others are told again that it lives.</summary>
    private const int MostAtOnce = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked whether the others have answered, should their word be lost.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(25);

    /// <summary>For how long a limit that was found used up is taken to be so: what running requests give back is found then.</summary>
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(250);

    /// <summary>How often what counts for nobody any more is looked for, in heartbeats.</summary>
    private const int BetweenForgetting = 600;

    /// <summary>By how much the library's clock may be ahead of the database's.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1);

    private readonly LimitsOptions _options = options.Value;
    private readonly TimeProvider _time = time;
    private readonly ILogger<LeaseKeeper> _logger = logger;

    /// <summary>Those whose waiting requests the others were asked for.</summary>
    private readonly HashSet<Tally> _asking = [];

    private readonly Lock _lock = new();
    private Task? _end;
    private Guid[]? _former;
    private long? _beatAt;
    private long? _forgotAt;
    private bool _beaten;

    protected override TimeSpan PauseLimit => TimeSpan.FromSeconds(1);

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        // Who had limits once goes on: what these counted is to be forgotten.
        if (outbox.File is null || (routes.Table?.Limits is null && !tallies.All.Any() && !_beaten))
        {
            return false;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await BeatAsync(limit.Token);
            await LeaseAllAsync(limit);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Lose();
            throw new TimeoutException("The database did not answer a question about limits in time.");
        }
        catch (Exception error) when (IsInfrastructure(error))
        {
            Lose();
            throw;
        }

        if (_asking.Count == 0)
        {
            return book.HasAsked;
        }

        await book.Wake.WaitAsync(BetweenLooks, TimeProvider.System, cancellationToken);
        foreach (var tally in _asking)
        {
            book.Ask(tally);
        }

        return true;
    }

    /// <summary>Who runs the host stops it too once it is being stopped: both wait for the one end.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Task end;
        lock (_lock)
        {
            end = _end ??= EndAsync(cancellationToken);
        }

        await end;
    }

    /// <summary>It holds nothing any more once all that it spent is delivered; else its next start, or the others' patience, ends what it held.</summary>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!_beaten || outbox.Delivered == default)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await store.ReleaseAsync([.. _former ?? [], book.Holder], limit.Token);
            file.Write([]);
        }
        catch (Exception error) when (IsInfrastructure(error) || error is OperationCanceledException)
        {
            LogHeld(_logger, error.Message);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        // 1. Under which id it holds, it has on its disk before it holds anything.
        if (_former is null)
        {
            _former = file.Read();
            file.Write([.. _former, book.Holder]);
        }

        // 2. What an earlier process spent is in the ledger: what else it held is free.
        if (_former.Length > 0 && outbox.InheritedDelivered)
        {
            await store.ReleaseAsync(_former, cancellationToken);
            LogReleased(_logger, _former.Length);
            _former = [];
            file.Write([book.Holder]);
        }

        // 3. It lives.
        if (_beatAt is { } last && TimeProvider.System.GetElapsedTime(last) < _options.Heartbeat)
        {
            return;
        }

        if (await store.BeatAsync(book.Holder, _options.AbandonAfter, _time.GetUtcNow(), cancellationToken) && _beaten)
        {
            // It was away for so long that the others have what it held.
            book.Holder = Guid.CreateVersion7();
            file.Write([.. _former, book.Holder]);
            tallies.Clear();
            await store.BeatAsync(book.Holder, _options.AbandonAfter, _time.GetUtcNow(), cancellationToken);
            LogForgotten(_logger);
        }

        _beaten = true;
        _beatAt = LeaseBook.Now;
        book.Reached();
        tallies.Sweep(routes.Table);
        await ForgetAsync(cancellationToken);
        foreach (var (limit, owner) in await store.ListDemandedAsync(book.Holder, cancellationToken))
        {
            if (tallies.Find(limit, owner) is { } tally)
            {
                book.Ask(tally);
            }
        }
    }

    /// <summary>By a snapshot's own word: an older library says nothing of limits.</summary>
    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (routes.Table is not { Snapshot: { Limits: { } limits } snapshot } table || (_forgotAt is { } last && TimeProvider.System.GetElapsedTime(last) < _options.Heartbeat * BetweenForgetting))
        {
            return;
        }

        await store.ForgetAsync([.. limits.Select(limit => limit.Id)], [.. table.KeysByLine.Keys], snapshot.PublishedAt, ClockSlack, cancellationToken);
        _forgotAt = LeaseBook.Now;
    }

    /// <summary>Of many at once, by one call for all: at the turn of a minute each key's limit begins anew.</summary>
    private async Task LeaseAllAsync(CancellationTokenSource limit)
    {
        var asked = new List<Tally>();
        while (asked.Count < MostAtOnce && book.TryTake(out var tally))
        {
            if (tally is { IsClosed: false })
            {
                asked.Add(tally);
            }
        }

        // 1. Enough for those that wait and for those that come. The first time that there is too little, the others are asked.
        limit.CancelAfter(Patience);
        var leases = await CallAsync(asked, tally => tally.Look() is var (promised, keep) ? new LeaseWish(promised, keep, Share: true, Asked: _asking.Contains(tally)) : default, limit.Token);

        // 2. Somebody else has too little: what nothing needs here goes back. Meanwhile requests wait, for nothing is to be had here.
        var wasShort = leases.Where(lease => lease.Value.Short).Select(lease => lease.Key).ToHashSet();
        var demanded = await CallAsync([.. leases.Where(lease => lease.Value.Demanded).Select(lease => lease.Key)], tally => GiveBack(tally, wasShort.Contains(tally) || _asking.Contains(tally)), limit.Token);
        foreach (var (tally, lease) in demanded)
        {
            leases[tally] = lease;
        }

        // 3. Where it was too little, the others had given back all that they can do without; or they are still to. Too little for those that waited may be enough for others.
        foreach (var (tally, lease) in leases)
        {
            Conclude(tally, lease);
        }

        await CallAsync([.. leases.Where(lease => lease.Value.Exhausted && lease.Key.HasSpare).Select(lease => lease.Key)], tally => GiveBack(tally, asked: true), limit.Token);
        _asking.RemoveWhere(tally => !tally.HasWaiting);
    }

    private static LeaseWish GiveBack(Tally tally, bool asked)
    {
        var (promised, keep) = tally.GiveBack();
        return new LeaseWish(promised, keep, Answer: true, Asked: asked);
    }

    private void Conclude(Tally tally, Lease lease)
    {
        telemetry.Leased(lease.Exhausted ? "exhausted" : lease.Short ? "short" : "granted");
        if (lease.Exhausted)
        {
            tally.Exhaust(LeaseBook.Now + (long)(BetweenRounds.TotalSeconds * TimeProvider.System.TimestampFrequency));
        }

        if (lease is { Short: true, Exhausted: false } && tally.HasWaiting)
        {
            _asking.Add(tally);
            return;
        }

        // Those that came meanwhile were not counted.
        _asking.Remove(tally);
        if (tally.HasWaiting)
        {
            book.Ask(tally);
        }
    }

    /// <returns>Without those that the database refuses, and those whose limit has changed meanwhile, which are asked for anew.</returns>
    private async Task<Dictionary<Tally, Lease>> CallAsync(List<Tally> tallies, Func<Tally, LeaseWish> wish, CancellationToken cancellationToken)
    {
        var leases = new Dictionary<Tally, Lease>(tallies.Count);
        if (tallies.Count == 0)
        {
            return leases;
        }

        try
        {
            var asked = tallies.ConvertAll(tally => (Tally: tally, tally.Limit, Wish: wish(tally)));
            foreach (var lease in await store.LeaseAsync(asked, book.Holder, _options.Heartbeat * MissedBeats, cancellationToken))
            {
                var (tally, limit, _) = asked[(int)lease.Place - 1];
                book.Gateways = lease.Gateways;
                if (tally.TryGrant(limit, lease.Granted, lease.Elsewhere))
                {
                    leases[tally] = lease;
                }
                else
                {
                    book.Ask(tally);
                }
            }

            book.Reached();
        }
        catch (PostgresException refused) when (!IsAway(refused) || refused.SqlState == PostgresErrorCodes.DeadlockDetected)
        {
            // One that it never takes must not hold up the others.
            if (tallies is [var alone])
            {
                LogRefused(_logger, refused, alone.Limit.Id);
                alone.Dismiss(isForgotten: false);
                return leases;
            }

            foreach (var tally in tallies)
            {
                foreach (var (one, lease) in await CallAsync([tally], wish, cancellationToken))
                {
                    leases[one] = lease;
                }
            }
        }

        return leases;
    }

    /// <summary>Nobody waits for a database that is away. What it granted is used on, until the others may think this gateway dead.</summary>
    private void Lose()
    {
        book.Lost();
        _asking.Clear();
        var isForgotten = book.ReachedAt == 0 || TimeProvider.System.GetElapsedTime(book.ReachedAt) > _options.AbandonAfter / 2;
        foreach (var tally in tallies.All)
        {
            tally.Dismiss(isForgotten);
        }
    }

    [LoggerMessage(1911, LogLevel.Information, "What {Processes} earlier processes of this gateway held of limits and did not spend is free")]
    private static partial void LogReleased(ILogger logger, int processes);

    [LoggerMessage(1912, LogLevel.Warning, "The database was away for so long that the other gateways have what this one held of limits; it begins anew")]
    private static partial void LogForgotten(ILogger logger);

    [LoggerMessage(1915, LogLevel.Error, "The database refuses to say what there is of the limit {Limit} for one of its owners, whose requests are as if it were away")]
    private static partial void LogRefused(ILogger logger, Exception error, Guid limit);

    [LoggerMessage(1913, LogLevel.Warning, "What this gateway holds of limits stays held until its next start, or until the others take it: {Reason}")]
    private static partial void LogHeld(ILogger logger, string reason);
}
