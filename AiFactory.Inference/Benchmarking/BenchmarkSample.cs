namespace AiFactory.Inference.Benchmarking;

/// <summary>What one request gave, as its client saw it. Times are in milliseconds from its start.</summary>
/// <param name="FirstToken">To the first piece of text.</param>
/// <param name="Gaps">From each piece of text to the next. A piece is a token, but for what a server holds back or sends together.</param>
/// <param name="Total">To the end of the stream.</param>
/// <param name="CompletionTokens">By the server's usage; so are the others.</param>
internal sealed record BenchmarkSample(double FirstToken, IReadOnlyList<double> Gaps, double Total, int PromptTokens, int CachedTokens, int CompletionTokens, string? Text = null)
{
    /// <summary>Milliseconds for each token after the first; null for a single token.</summary>
    public double? TimePerOutputToken => CompletionTokens > 1 ? Gaps.Sum() / (CompletionTokens - 1) : null;

    public double TokensPerSecond => Gaps.Count > 0 && Gaps.Sum() is > 0 and var time ? (CompletionTokens - 1) * 1000 / time : 0;
}
