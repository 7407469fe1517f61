using AiFactory.Inference.Engine;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Isolation;

/// <summary>Looks at every engine's process each moment, and ends the one that hangs: what it was asked is then answered by the next.</summary>
internal sealed partial class EngineWatch(IOptions<EngineOptions> options, TimeProvider time, ILogger<EngineWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ScrapePatience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly HashSet<EngineProcess> _processes = [];

    /// <summary>Until the process ends.</summary>
    /// <param name="name">The deployment's.</param>
    public async Task RunAsync(string name, EngineProcess process)
    {
        lock (_gate)
        {
            _processes.Add(process);
        }

        try
        {
            var longest = options.Value.LongestStep;
            while (!process.Ended.IsCompleted)
            {
                await Task.WhenAny(Task.Delay(longest / 4 < Interval ? longest / 4 : Interval, time), process.Ended);
                var (hangs, why) = await LookAsync(process, longest);
                if (hangs)
                {
                    LogHung(logger, process.Id, name, why);
                    process.Kill($"it hung: {why}");
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _processes.Remove(process);
            }
        }
    }

    /// <summary>What all of them measured until now is recorded. One that does not answer at once does not hold up the others' numbers.</summary>
    public async Task LookAtAllAsync()
    {
        List<Task> looks;
        lock (_gate)
        {
            looks = [.. _processes.Select(process => process.LookAsync())];
        }

        await Task.WhenAll(looks).WaitAsync(ScrapePatience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<(bool Hangs, string Why)> LookAsync(EngineProcess process, TimeSpan longest)
    {
        try
        {
            var state = await process.LookAsync().WaitAsync(longest, time);
            return (state.StepSeconds > longest.TotalSeconds, $"it computed one step for {state.StepSeconds:0} seconds");
        }
        catch (TimeoutException)
        {
            return (true, $"it said nothing for {longest.TotalSeconds:0} seconds");
        }
        catch (EngineDiedException)
        {
            return (false, "");
        }
    }

    [LoggerMessage(3374, LogLevel.Error, "The process {Process} of {Deployment} hangs ({Why}): it is ended")]
    private static partial void LogHung(ILogger logger, int process, string deployment, string why);
}
