namespace AiFactory.Inference.Engine;

/// <summary>
/// Clients whose answers ended together come again together, some milliseconds apart. Computed side by side from their first step on they stay so; else each begins in the middle of the others' answers, and
/// makes all of them wait. So an idle engine waits a moment for the next one: short beside what the prompts that are here take to compute, and as long as others keep coming.
/// </summary>
internal static class Gathering
{
    private const int Share = 50;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1), Most = TimeSpan.FromMilliseconds(3), MostInAll = TimeSpan.FromMilliseconds(30);

    /// <param name="waiting">Requests that are here.</param>
    /// <param name="prompts">What these take to compute.</param>
    /// <param name="waited">Since the first of them was seen.</param>
    /// <returns>How long to wait for another one; zero to begin.</returns>
    public static TimeSpan Pause(int waiting, int slots, TimeSpan prompts, TimeSpan waited)
    {
        if (waiting == 0 || waiting >= slots || waited >= MostInAll)
        {
            return TimeSpan.Zero;
        }

        var pause = prompts / Share;
        return pause < Least ? TimeSpan.Zero : pause < Most ? pause : Most;
    }
}
