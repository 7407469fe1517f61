namespace AiFactory.Inference.Weights;

/// <summary>A verified file that stays while the lease is held.</summary>
internal sealed class WeightsLease(string path, Action release) : IDisposable
{
    private Action? _release = release;

    public string Path { get; } = path;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
