namespace AiFactory.Contracts.OpenAI;

/// <param name="IncludeUsage">Whether a last chunk without choices tells the usage.</param>
public sealed record StreamOptions(bool? IncludeUsage);
