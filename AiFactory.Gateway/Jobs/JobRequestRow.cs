namespace AiFactory.Gateway.Jobs;

/// <summary>The one request of a job.</summary>
internal sealed record JobRequestRow
{
    public required Guid BatchId { get; init; }

    /// <summary><c>waiting</c>, <c>running</c> or <c>done</c>.</summary>
    public required string State { get; init; }

    /// <summary>Not before.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>How often it was begun.</summary>
    public required int Attempt { get; init; }

    public int? Status { get; init; }

    public byte[]? Answer { get; init; }

    public string? AnswerObject { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public bool HasAnswer => Answer is not null || AnswerObject is not null;
}
