namespace AiFactory.Gateway.Batches.Running;

/// <summary>What became of a request.</summary>
internal sealed record ResultRow
{
    public required int Line { get; init; }

    public required string CustomId { get; init; }

    /// <summary>Of the answer; null where there is none.</summary>
    public int? Status { get; init; }

    /// <summary>The answer, JSON on one line, where it is small.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>The key of the object that has it, where it is not.</summary>
    public string? AnswerObject { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }
}
