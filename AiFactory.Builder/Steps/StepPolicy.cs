namespace AiFactory.Builder.Steps;

/// <param name="Timeout">For one attempt.</param>
/// <param name="Retries">Attempts after the first, when it failed for a reason that may pass.</param>
internal sealed record StepPolicy(TimeSpan Timeout, int Retries)
{
    /// <summary>For work that is done in this process and has no reason to fail.</summary>
    internal static StepPolicy Local { get; } = new(TimeSpan.FromSeconds(10), 0);

    /// <summary>The pause after the first failure; it doubles with each further one.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    internal static TimeSpan Pause(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }
}
