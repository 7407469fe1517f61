namespace AiFactory.Gateway.Usage;

/// <summary>Usage by group. The figures of all groups, not only of this page, add up to <paramref name="Total"/>.</summary>
/// <param name="From">Included.</param>
/// <param name="To">Not included. Send it with the next page, which else would count to another moment.</param>
/// <param name="Currency">Of the costs, whose unit is a millionth of it.</param>
/// <param name="Next">Goes into <c>?after=</c>; null on the last page.</param>
internal sealed record UsageReport(
    DateTimeOffset From, DateTimeOffset To, string Currency, IReadOnlyList<string> GroupBy, UsageFigures Total, IReadOnlyList<UsageGroup> Items, string? Next);

/// <summary>Members by which is not grouped are null; so is one that the requests of the group do not have.</summary>
/// <param name="Period">The beginning of the day or the hour, UTC.</param>
internal sealed record UsageGroup(
    string? Project, Guid? Key, string? User, string? Model, string? Deployment, string? Operation, string? Outcome, DateTimeOffset? Period, UsageFigures Figures);

/// <param name="Answered">Requests that the client got whole.</param>
/// <param name="Estimated">Requests whose completion was counted by the gateway, for the model told no usage.</param>
/// <param name="CostMicros">In millionths of the currency.</param>
/// <param name="Unpriced">Requests for which no price was set.</param>
/// <param name="TokensPerSecond">Of streamed answers, those behind the first by the time from the first to the end; null where there is none.</param>
internal sealed record UsageFigures(
    long Requests, long Answered, long PromptTokens, long CachedTokens, long CompletionTokens, long Estimated, long CostMicros, long Unpriced, double? TokensPerSecond)
{
    /// <summary>Requests that were answered from the cache; their tokens are counted nowhere, for none was computed.</summary>
    public long CacheHits { get; init; }

    /// <summary>That were made.</summary>
    public long Images { get; init; }
}
