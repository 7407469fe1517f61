namespace AiFactory.Gateway.Variants;

/// <summary>What the variants of a name did with its requests, side by side.</summary>
/// <param name="Model">The name that clients send.</param>
/// <param name="Currency">Of the costs, whose unit is a millionth of it.</param>
/// <param name="Method">How the bounds are made, and what they do not say.</param>
/// <param name="Items">The named deployment first, which the others are compared with; then by requests.</param>
internal sealed record VariantReport(string Model, DateTimeOffset From, DateTimeOffset To, string Currency, string Method, IReadOnlyList<VariantFigures> Items)
{
    internal const string MethodText =
        "95 % bounds. Shares: Wilson. Means: normal approximation, from some thirty values on. Percentiles: order statistics, without an assumption about the distribution. "
        + "Differences: Newcombe for shares, Welch for means. All take requests for independent of each other: where few callers make most of them, as with a sticky split, the truth is wider. "
        + "Looking again and again, and stopping when a difference shows, finds differences where there are none.";
}

/// <param name="Name">Null where it is deployed no more and the ledger does not know it.</param>
/// <param name="Requests">Answered or failed; those refused for what was asked, left by the client or answered from a cache are not in it.</param>
/// <param name="Failures">Those that failed, ran out of time, or were answered by another deployment in its place.</param>
/// <param name="Callers">How many different ones asked.</param>
/// <param name="Latency">Of whole answers, in seconds.</param>
/// <param name="FirstToken">Of streams, in seconds.</param>
/// <param name="Cost">Of an answer, in millionths of the currency; of those for which a price is set.</param>
/// <param name="Score">As it was said of answers afterwards.</param>
/// <param name="Difference">This one less the first; null of the first.</param>
internal sealed record VariantFigures(
    Guid Id,
    string? Name,
    long Requests,
    long Failures,
    long Callers,
    Interval? FailureShare,
    VariantTimes Latency,
    VariantTimes FirstToken,
    Interval? PromptTokens,
    Interval? CompletionTokens,
    Interval? Cost,
    Interval? Score,
    VariantDifference? Difference);

internal sealed record VariantTimes(Interval? Mean, Interval? P50, Interval? P95);

internal sealed record VariantDifference(Interval? FailureShare, Interval? Latency, Interval? FirstToken, Interval? CompletionTokens, Interval? Cost, Interval? Score);

/// <summary>How good an answer was.</summary>
/// <param name="RequestId">The <c>x-request-id</c> of the answer.</param>
/// <param name="Score">On a scale of the caller's own; the larger the better.</param>
/// <param name="Project">Needed of a caller of the whole factory.</param>
internal sealed record ScoreRequest(string RequestId, double Score, string? Project);
