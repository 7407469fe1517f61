namespace AiFactory.Gateway.Auditing;

/// <param name="Until">The last time, where it happened several times.</param>
/// <param name="Hash">Lower-case hex; over the hash before and this row.</param>
internal sealed record AuditEntryResponse(
    long Sequence, DateTimeOffset At, DateTimeOffset Until, string? Project, string Actor, string Action, string Target, string? Reason, int Count, string Hash)
{
    public static AuditEntryResponse From(AuditRow row) =>
        new(row.Sequence, row.At, row.Until, row.Project, row.Actor, row.Action, row.Target, row.Reason, row.Count, Convert.ToHexStringLower(row.Hash));
}

/// <summary>Whether the chain is whole.</summary>
/// <param name="Entries">How many were checked.</param>
/// <param name="BrokenAt">The first that is missing, was changed or was put in; null when none is.</param>
/// <param name="Head">The last hash: who keeps it elsewhere can tell later that nothing before it was changed. Null when the row that keeps it is gone.</param>
internal sealed record AuditCheck(long Entries, bool Intact, long? BrokenAt, string? Head);
