namespace AiFactory.ModelLibrary.Auditing;

internal sealed record AuditRow
{
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public string? Project { get; init; }

    public required string Actor { get; init; }

    public required string Action { get; init; }

    public required string Target { get; init; }

    public string? Detail { get; init; }
}
