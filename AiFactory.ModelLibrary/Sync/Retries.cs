namespace AiFactory.ModelLibrary.Sync;

internal static class Retries
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>1, 2, 4 ... 60 seconds.</summary>
    internal static TimeSpan Pause(int attempt) =>
        TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Pow(2, Math.Clamp(attempt - 1, 0, 10))));
}
