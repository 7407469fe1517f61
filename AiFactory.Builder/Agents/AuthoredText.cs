using AiFactory.Builder.Runs;

namespace AiFactory.Builder.Agents;

/// <summary>What authors and callers write, as Postgres stores it: its texts have no U+0000. It becomes U+FFFD, as in <see cref="StorableJson"/>.</summary>
internal static class AuthoredText
{
    internal static string Clean(string? text) => text?.Trim().Replace('\0', '\uFFFD') ?? "";

    internal static string[] Clean(IReadOnlyList<string>? texts) => [.. (texts ?? []).Select(Clean)];

    /// <summary>Whether it can be a name that is looked up.</summary>
    internal static bool CanBeStored(string? name) => name?.Contains('\0', StringComparison.Ordinal) != true;
}
