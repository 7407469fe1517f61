namespace AiFactory.Inference.Weights;

/// <summary>A verified file that stays while the lease is held, by this process or another that shares the folder.</summary>
internal sealed class WeightsLease(string path, IDisposable hold) : IDisposable
{
    public string Path { get; } = path;

    public void Dispose() => hold.Dispose();
}
