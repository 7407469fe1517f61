namespace AiFactory.Gateway.Auditing;

internal sealed record AuditRow
{
    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required DateTimeOffset Until { get; init; }

    public string? Project { get; init; }

    public required string Actor { get; init; }

    public required string Action { get; init; }

    public required string Target { get; init; }

    public string? Reason { get; init; }

    public required int Count { get; init; }

    public required byte[] Hash { get; init; }

    public AuditRecord ToRecord() => new(Id, At, Until, Project, Actor, Action, Target, Reason, Count);
}
