namespace AiFactory.Contracts.Library;

/// <summary>What is told of a credential.</summary>
/// <param name="EndsWith">Its last four characters, by which its owner knows it; null of one too short to show any.</param>
public sealed record UpstreamCredential(string? EndsWith, string SetBy, DateTimeOffset SetAt);
