namespace AiFactory.Contracts.Library;

/// <summary>What came of asking an upstream for its models.</summary>
/// <param name="Code">One of <see cref="UpstreamTestCodes"/>.</param>
/// <param name="Message">In words, with the way out.</param>
/// <param name="Status">The service's answer; null when there was none.</param>
public sealed record UpstreamTest(string Code, string Message, int? Status);
