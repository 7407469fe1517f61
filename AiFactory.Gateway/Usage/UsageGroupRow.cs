namespace AiFactory.Gateway.Usage;

/// <summary>One group, with the sums over all groups.</summary>
internal sealed record UsageGroupRow
{
    public string? Project { get; init; }

    public Guid? Key { get; init; }

    public string? User { get; init; }

    public string? Model { get; init; }

    public string? Deployment { get; init; }

    public string? Operation { get; init; }

    public string? Outcome { get; init; }

    public DateTimeOffset? Period { get; init; }

    public required long Requests { get; init; }

    public required long Answered { get; init; }

    public required long PromptTokens { get; init; }

    public required long CachedTokens { get; init; }

    public required long CompletionTokens { get; init; }

    public required long Estimated { get; init; }

    public required long CostMicros { get; init; }

    public required long Unpriced { get; init; }

    public required long StreamedTokens { get; init; }

    public required long StreamedMicros { get; init; }

    public required long AllRequests { get; init; }

    public required long AllAnswered { get; init; }

    public required long AllPromptTokens { get; init; }

    public required long AllCachedTokens { get; init; }

    public required long AllCompletionTokens { get; init; }

    public required long AllEstimated { get; init; }

    public required long AllCostMicros { get; init; }

    public required long AllUnpriced { get; init; }

    public required long AllStreamedTokens { get; init; }

    public required long AllStreamedMicros { get; init; }

    public UsageGroup ToGroup() => new(
        Project, Key, User, Model, Deployment, Operation, Outcome, Period,
        new UsageFigures(Requests, Answered, PromptTokens, CachedTokens, CompletionTokens, Estimated, CostMicros, Unpriced, Rate(StreamedTokens, StreamedMicros)));

    public UsageFigures ToTotal() => new(
        AllRequests, AllAnswered, AllPromptTokens, AllCachedTokens, AllCompletionTokens, AllEstimated, AllCostMicros, AllUnpriced, Rate(AllStreamedTokens, AllStreamedMicros));

    private static double? Rate(long tokens, long micros) => micros > 0 ? Math.Round(tokens * 1e6 / micros, 3) : null;
}
