namespace AiFactory.Builder.Threads;

/// <summary>Who answers in a thread: <c>flow:support</c>, <c>agent:clerk</c>, <c>model:demo-chat</c>.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
internal readonly record struct ThreadTarget(string Kind, string Name)
{
    internal const string Flow = "flow";
    internal const string Agent = "agent";
    internal const string Model = "model";

    private const int LongestName = 200;

    internal static string[] Kinds { get; } = [Flow, Agent, Model];

    internal static ThreadTarget? Parse(string? text)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (text is null || colon < 0 || text.Length - colon - 1 is < 1 or > LongestName)
        {
            return null;
        }

        var kind = text[..colon];
        return Kinds.Contains(kind, StringComparer.Ordinal) ? new ThreadTarget(kind, text[(colon + 1)..]) : null;
    }
}
