using AiFactory.Inference.Engine.Admission;

namespace AiFactory.Inference.Engine;

/// <summary>The inputs of one request, and the embeddings that have come. Only the engine's thread touches it after its making.</summary>
internal sealed class EmbeddingJob(IReadOnlyList<int[]> inputs, RequestTerms terms, CancellationToken cancellationToken)
{
    private readonly float[][] _embeddings = new float[inputs.Count][];
    private readonly TaskCompletionSource<EmbeddingOutcome> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;
    private int _missing = inputs.Count;

    public Task<EmbeddingOutcome> Result => _result.Task;

    public RequestTerms Terms => terms;

    /// <summary>Tokens that no batch has taken.</summary>
    public int TokensLeft { get; private set; } = inputs.Sum(input => input.Length);

    /// <summary>Whether nothing is to be computed for it any more.</summary>
    public bool IsOver => cancellationToken.IsCancellationRequested || _result.Task.IsCompleted;

    /// <summary>Whether inputs are left that no batch has taken.</summary>
    public bool HasNext => _next < inputs.Count;

    public int[] Next => inputs[_next];

    public int TakeNext()
    {
        TokensLeft -= Next.Length;
        return _next++;
    }

    public void Set(int index, float[] embedding)
    {
        _embeddings[index] = embedding;
        if (--_missing == 0)
        {
            End(new EmbeddingOutcome.Computed(_embeddings));
        }
    }

    public void End(EmbeddingOutcome outcome) => _result.TrySetResult(outcome);

    public void Cancel() => _result.TrySetCanceled(cancellationToken);
}
