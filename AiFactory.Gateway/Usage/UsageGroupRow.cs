namespace AiFactory.Gateway.Usage;

/// <summary>The sums over one group, or over all of them.</summary>
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

    public required decimal PromptTokens { get; init; }

    public required decimal CachedTokens { get; init; }

    public required decimal CompletionTokens { get; init; }

    public required long Estimated { get; init; }

    public required decimal CostMicros { get; init; }

    public required long Unpriced { get; init; }

    public required long CacheHits { get; init; }

    public required decimal Images { get; init; }

    public required decimal StreamedTokens { get; init; }

    public required decimal StreamedMicros { get; init; }

    public UsageGroup ToGroup() => new(Project, Key, User, Model, Deployment, Operation, Outcome, Period, ToFigures());

    public UsageFigures ToFigures() => new(
        Requests, Answered, Capped(PromptTokens), Capped(CachedTokens), Capped(CompletionTokens), Estimated, Capped(CostMicros), Unpriced,
        StreamedMicros > 0 ? Math.Round((double)StreamedTokens * 1e6 / (double)StreamedMicros, 3) : null)
    {
        CacheHits = CacheHits,
        Images = Capped(Images),
    };

    private static long Capped(decimal sum) => (long)Math.Min(sum, long.MaxValue);
}
