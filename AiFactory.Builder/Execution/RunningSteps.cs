using System.Collections.Concurrent;

namespace AiFactory.Builder.Execution;

/// <summary>The steps that run in this process now.</summary>
internal sealed class RunningSteps
{
    private readonly ConcurrentDictionary<(Guid RunId, string Node), RunningStep> _steps = new();

    internal int Count => _steps.Count;

    internal IReadOnlyList<ClaimedStep> Claims => [.. _steps.Values.Select(step => step.Claim)];

    /// <summary>A step that is still here under an older claim, which was lost, gives way.</summary>
    internal void Add(RunningStep step) => _steps.AddOrUpdate(Key(step), step, (_, older) =>
    {
        Drop(older);
        return step;
    });

    internal void Remove(RunningStep step) => _steps.TryRemove(KeyValuePair.Create(Key(step), step));

    /// <summary>Stops what still runs of a run that has ended.</summary>
    internal void Cancel(Guid runId)
    {
        foreach (var step in _steps.Values.Where(step => step.Claim.RunId == runId))
        {
            Drop(step);
        }
    }

    /// <summary>Stops what runs under this claim; a later claim on the same step goes on.</summary>
    internal void Drop(ClaimedStep claim)
    {
        if (_steps.TryGetValue((claim.RunId, claim.Node), out var step) && step.Claim.Token == claim.Token)
        {
            Drop(step);
        }
    }

    private static (Guid RunId, string Node) Key(RunningStep step) => (step.Claim.RunId, step.Claim.Node);

    private static void Drop(RunningStep step)
    {
        try
        {
            step.Drop();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }
}
