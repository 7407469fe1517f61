namespace AiFactory.Hosting.Orchestration;

/// <summary>How long a crashed process waits for its next start: 0.5 s, doubled each time, at most 30 s; from the beginning after a time of health.</summary>
internal sealed class RestartBackoff(TimeProvider timeProvider)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(10);

    private long _started;
    private int _failures;

    public int Restarts { get; private set; }

    public void Started() => _started = timeProvider.GetTimestamp();

    public TimeSpan Next(bool wasHealthy)
    {
        if (wasHealthy && timeProvider.GetElapsedTime(_started) >= GoodRun)
        {
            _failures = 0;
        }

        Restarts++;
        var delay = First * Math.Pow(2, Math.Min(_failures++, 10));
        return delay < Longest ? delay : Longest;
    }
}
