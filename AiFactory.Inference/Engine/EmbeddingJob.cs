namespace AiFactory.Inference.Engine;

/// <summary>The inputs of one request, and the embeddings that have come. Only the engine's thread touches it after its making.</summary>
internal sealed class EmbeddingJob(IReadOnlyList<int[]> inputs, CancellationToken cancellationToken)
{
    private readonly float[][] _embeddings = new float[inputs.Count][];
    private readonly TaskCompletionSource<float[][]> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;
    private int _missing = inputs.Count;

    public Task<float[][]> Result => _result.Task;

    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>Whether inputs are left that no batch has taken.</summary>
    public bool HasNext => _next < inputs.Count;

    public int[] Next => inputs[_next];

    public int TakeNext() => _next++;

    public void Set(int index, float[] embedding)
    {
        _embeddings[index] = embedding;
        if (--_missing == 0)
        {
            _result.TrySetResult(_embeddings);
        }
    }

    public void Fail(Exception error) => _result.TrySetException(error);

    public void Cancel() => _result.TrySetCanceled(cancellationToken);
}
