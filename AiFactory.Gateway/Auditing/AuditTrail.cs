using AiFactory.Gateway.Metering;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Auditing;

/// <summary>
/// What known callers were refused, or did to the gateway itself, on its way to the audit. The first of a kind is kept at once; those that follow within a while are counted and kept
/// as one, so that a flood writes no more than a few rows for each caller, and there are no more callers than keys.
/// </summary>
internal sealed class AuditTrail(UsageOutbox outbox, MeteringTelemetry telemetry, TimeProvider time)
{
    public const string ModelDenied = "model.denied";
    public const string GuardrailBlocked = "guardrail.blocked";
    public const string SessionBegun = "session.begun";
    public const string SessionEnded = "session.ended";
    public const string WebhookSecretRotated = "webhook.secret.rotated";

    /// <summary>The identity provider knows the person, and they may do nothing here.</summary>
    public const string SessionDenied = "session.denied";

    /// <summary>Kinds that are counted at once; what is beyond is counted under one name.</summary>
    private const int MostKinds = 1_000;

    private static readonly Kind Others = new(null, "others", "", "", "too_many_kinds");

    private readonly Lock _lock = new();
    private Dictionary<Kind, Count> _counts = [];

    /// <param name="target">From a small set, as a route's pattern is; never what a client made up.</param>
    /// <param name="reason">An error's code.</param>
    public void Add(InternalIdentity actor, string action, string target, string? reason = null)
    {
        if (outbox.File is null)
        {
            return;
        }

        var now = Now();
        var kind = new Kind(actor.Project, actor.Subject, action, target, reason);
        bool first;
        lock (_lock)
        {
            kind = _counts.Count < MostKinds || _counts.ContainsKey(kind) ? kind : Others with { Action = action };
            first = !_counts.TryGetValue(kind, out var count);
            _counts[kind] = first ? new Count(now, now, 0) : new Count(count.More == 0 ? now : count.First, now, count.More + 1);
        }

        if (first)
        {
            Keep(kind, now, now, 1);
        }
    }

    /// <summary>Keeps what was counted since the last time.</summary>
    public void Flush()
    {
        Dictionary<Kind, Count> counts;
        lock (_lock)
        {
            (counts, _counts) = (_counts, []);
        }

        foreach (var (kind, count) in counts.Where(entry => entry.Value.More > 0))
        {
            Keep(kind, count.First, count.Last, count.More);
        }
    }

    private void Keep(Kind kind, DateTimeOffset at, DateTimeOffset until, int count)
    {
        var record = new AuditRecord(Guid.CreateVersion7(until), at, until, kind.Project, kind.Actor, kind.Action, kind.Target, kind.Reason, count);
        var wake = false;
        if (outbox.File is not { } file || !file.TryAppend(record.ToEntry(), out wake))
        {
            telemetry.Lost("no_room");
        }

        if (wake)
        {
            outbox.Wake.Raise();
        }
    }

    /// <summary>In whole microseconds, as the database keeps it and the chain's hash has it.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private readonly record struct Kind(string? Project, string Actor, string Action, string Target, string? Reason);

    private readonly record struct Count(DateTimeOffset First, DateTimeOffset Last, int More);
}
