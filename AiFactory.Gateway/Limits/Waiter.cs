namespace AiFactory.Gateway.Limits;

/// <summary>A request that waits at a <see cref="Tally"/>, under whose lock all of this is called but <see cref="Verdict"/>.</summary>
internal sealed class Waiter(long units)
{
    private readonly TaskCompletionSource<Verdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Units => units;

    public Task<Verdict> Verdict => _verdict.Task;

    /// <summary>Whether nobody waits any more.</summary>
    public bool IsClosed { get; private set; }

    public bool TryEnd(Verdict verdict)
    {
        if (IsClosed)
        {
            return false;
        }

        IsClosed = true;
        return _verdict.TrySetResult(verdict);
    }

    /// <returns>The verdict, if there is one already.</returns>
    public Verdict? Close()
    {
        IsClosed = true;
        return _verdict.Task.IsCompletedSuccessfully ? _verdict.Task.Result : null;
    }
}
