namespace AiFactory.ModelLibrary.Guardrails;

/// <summary>What a rule's judge would be.</summary>
internal sealed record JudgeRow
{
    public required Guid Id { get; init; }

    /// <summary>Whose it is: of a rule for all projects, some project's that shows it to all.</summary>
    public required string Project { get; init; }

    /// <summary>Of its model.</summary>
    public required string Task { get; init; }

    /// <summary>Whether texts leave the site to be judged.</summary>
    public required bool IsUpstream { get; init; }
}
