namespace AiFactory.Builder.Execution;

/// <summary>A step that runs in this process, and how it is stopped from outside.</summary>
internal sealed class RunningStep(ClaimedStep claim, CancellationToken stopping) : IDisposable
{
    private readonly CancellationTokenSource _dropped = new();
    private CancellationTokenSource? _either;

    internal ClaimedStep Claim { get; } = claim;

    /// <summary>The process ends: the step goes back to be run elsewhere.</summary>
    internal bool IsStopping => stopping.IsCancellationRequested;

    /// <summary>Its answer is not wanted any more.</summary>
    internal bool IsDropped => _dropped.IsCancellationRequested;

    internal CancellationToken Token => (_either ??= CancellationTokenSource.CreateLinkedTokenSource(_dropped.Token, stopping)).Token;

    internal void Drop() => _dropped.Cancel();

    public void Dispose()
    {
        _either?.Dispose();
        _dropped.Dispose();
    }
}
