using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Flows;

namespace AiFactory.Gateway.Limits;

/// <summary>A limit as requests meet it.</summary>
/// <param name="Owner">The one that it is about, as a request is compared with it; null for each one.</param>
/// <param name="Amount">Requests, tokens, or millionths of the currency.</param>
internal sealed record Limit(
    Guid Id, string Name, string? Project, LimitScope Scope, string? Owner, string? Model, LimitMeasure Measure, LimitPeriod Period, long Amount)
{
    private const decimal Millionths = 1_000_000;
    private const int LongestOwner = 200;

    /// <summary>When its snapshot was compiled: a timestamp, by which the newer of two of one id is known.</summary>
    public long CompiledAt { get; init; }

    /// <summary>Whether it is an allowance that is used up, rather than a pace: OpenAI's clients wait for the one and not for the other.</summary>
    public bool IsQuota => Period == LimitPeriod.Total || (Period >= LimitPeriod.Day && Measure is LimitMeasure.Tokens or LimitMeasure.Cost);

    /// <summary>Whether a little more than it would cost nobody money: then each gateway counts for itself while the database is away.</summary>
    public bool IsPace => Measure == LimitMeasure.Concurrency || (Measure != LimitMeasure.Cost && Period is LimitPeriod.Minute or LimitPeriod.Hour);

    /// <summary>Null where the snapshot says what this gateway does not know.</summary>
    /// <param name="compiledAt">A timestamp.</param>
    public static Limit? From(LimitRoute route, long compiledAt)
    {
        var period = LimitPeriod.None;
        var known = Enum.TryParse<LimitScope>(route.Scope, ignoreCase: true, out var scope) & Enum.TryParse<LimitMeasure>(route.Measure, ignoreCase: true, out var measure)
            & (route.Period is null || Enum.TryParse(route.Period, ignoreCase: true, out period));
        if (!known || route.Amount <= 0 || (measure == LimitMeasure.Concurrency) != (period == LimitPeriod.None))
        {
            return null;
        }

        // A key is known by the subject of its callers, those of its line by that of the first.
        var owner = scope == LimitScope.Key && route.Owner is not null ? $"{Caller.KeySubject}{(Guid.TryParse(route.Owner, out var key) ? key.ToString() : route.Owner)}" : route.Owner;
        var amount = Math.Min(measure == LimitMeasure.Cost ? route.Amount * Millionths : route.Amount, long.MaxValue / 4);
        return new Limit(route.Id, route.Name, route.Project, scope, owner, route.Model, measure, period, (long)amount) { CompiledAt = compiledAt };
    }

    /// <summary>For whom a request counts here: empty where there is one whom the limit is about, null where the request is none of his.</summary>
    /// <param name="project">The one that the request is charged to.</param>
    public string? OwnerOf(string project, Caller caller)
    {
        var who = Scope switch
        {
            LimitScope.Key => caller.KeyLine,
            LimitScope.User => caller.KeyId is null && !BuilderCallers.Includes(caller.Identity) ? caller.Identity.Subject : null,
            LimitScope.Project => Project is null ? project : "",
            _ => "",
        };
        return Owner is null || who is null ? Bounded(who) : who == Owner ? "" : null;
    }

    /// <summary>It is a key of the database's, which takes no text of any length, and is heard by others.</summary>
    private static string? Bounded(string? owner) =>
        owner is null || (owner.Length <= LongestOwner && !owner.Contains('\0', StringComparison.Ordinal)) ? owner : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(owner.AsSpan())))}";

    /// <summary>The window of time that the moment lies in; one without an end has the epoch as its beginning.</summary>
    public (DateTimeOffset StartsAt, DateTimeOffset EndsAt) WindowAt(DateTimeOffset now)
    {
        var utc = now.UtcDateTime;
        return Period switch
        {
            LimitPeriod.Minute => Of(new DateTime(utc.Year, utc.Month, utc.Day, utc.Hour, utc.Minute, 0, DateTimeKind.Utc), TimeSpan.FromMinutes(1)),
            LimitPeriod.Hour => Of(new DateTime(utc.Year, utc.Month, utc.Day, utc.Hour, 0, 0, DateTimeKind.Utc), TimeSpan.FromHours(1)),
            LimitPeriod.Day => Of(utc.Date, TimeSpan.FromDays(1)),
            LimitPeriod.Month => Of(new DateTime(utc.Year, utc.Month, 1, 0, 0, 0, DateTimeKind.Utc), TimeSpan.FromDays(DateTime.DaysInMonth(utc.Year, utc.Month))),
            _ => (DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue),
        };

        static (DateTimeOffset, DateTimeOffset) Of(DateTime starts, TimeSpan length) => (new DateTimeOffset(starts, TimeSpan.Zero), new DateTimeOffset(starts, TimeSpan.Zero) + length);
    }
}
