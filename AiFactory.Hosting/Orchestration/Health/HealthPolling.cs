namespace AiFactory.Hosting.Orchestration.Health;

/// <summary>When to ask again: seldom while healthy, soon while not, and at once and often while a replica is starting.</summary>
internal sealed class HealthPolling
{
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstWhileStarting = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWhileStarting = TimeSpan.FromMilliseconds(500);
    private const int LongestInSteps = 5;
    private const int StartingPolls = 60;

    private bool _wasHealthy;
    private int _failures;

    public TimeSpan Next(bool healthy)
    {
        if (healthy)
        {
            _wasHealthy = true;
            _failures = 0;
            return WhileHealthy;
        }

        _failures++;
        if (!_wasHealthy && _failures <= StartingPolls)
        {
            var delay = FirstWhileStarting * _failures;
            return delay < LongestWhileStarting ? delay : LongestWhileStarting;
        }

        return Step * Math.Min(_wasHealthy ? _failures : LongestInSteps, LongestInSteps);
    }
}
