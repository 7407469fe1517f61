namespace AiFactory.Gateway.Auditing;

/// <summary>Where the chain ends.</summary>
internal sealed record AuditHead
{
    public required long Sequence { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>The last row that there is, which is the same unless somebody else wrote.</summary>
    public long LastRow { get; init; }
}
