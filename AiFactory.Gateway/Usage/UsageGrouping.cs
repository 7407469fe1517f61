namespace AiFactory.Gateway.Usage;

/// <summary>By what the figures are grouped.</summary>
/// <param name="Period"><c>day</c>, <c>hour</c> or null.</param>
internal sealed record UsageGrouping(IReadOnlyList<string> Names, string? Period)
{
    public static IReadOnlyList<string> Known { get; } = ["project", "key", "user", "model", "deployment", "operation", "outcome", "day", "hour"];

    public static string Sentence { get; } = $"Group by any of {string.Join(", ", Known)}, and not by both day and hour.";

    public bool Has(string name) => Names.Contains(name, StringComparer.Ordinal);

    /// <param name="text">Names with commas between them; absent or empty for the total alone.</param>
    public static UsageGrouping? Parse(string? text)
    {
        var names = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToArray();
        var periods = names.Where(name => name is "day" or "hour").ToArray();
        return names.All(Known.Contains) && periods.Length < 2 ? new UsageGrouping(names, periods.SingleOrDefault()) : null;
    }
}
