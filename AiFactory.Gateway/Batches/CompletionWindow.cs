using System.Globalization;

namespace AiFactory.Gateway.Batches;

/// <summary>How long a batch may take: OpenAI knows <c>24h</c> alone, here it is any number of hours up to a week.</summary>
internal static class CompletionWindow
{
    private const int MostHours = 24 * 7;

    public static string Complaint { get; } = $"'completion_window' must be a number of hours between 1h and {MostHours}h, for example 24h.";

    public static TimeSpan? Parse(string text) =>
        text.EndsWith('h') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours is >= 1 and <= MostHours
            ? TimeSpan.FromHours(hours)
            : null;
}
