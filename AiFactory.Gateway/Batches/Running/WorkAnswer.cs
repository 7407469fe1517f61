using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>An answer in memory, until it is kept, and the places of its request. One that grows large waits for a place, and its replica with it.</summary>
internal sealed class WorkAnswer(int largest, LargeWork large) : AnswerSink, IDisposable
{
    private bool _hasBody;
    private bool _hasAnswer;

    public WholeAnswer Whole { get; } = new(largest);

    /// <summary>Before a large body is read, once.</summary>
    public async ValueTask TakeBodyAsync(CancellationToken cancellationToken)
    {
        await large.Bodies.WaitAsync(cancellationToken);
        _hasBody = true;
    }

    public override ValueTask BeginAsync(int status, IHeaderDictionary headers, CancellationToken cancellationToken) => Whole.BeginAsync(status, headers, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (!_hasAnswer && Whole.Body.Length + piece.Length > LargeWork.Bytes)
        {
            await large.Answers.WaitAsync(cancellationToken);
            _hasAnswer = true;
        }

        await Whole.WriteAsync(piece, cancellationToken);
    }

    public override void Abort() => Whole.Abort();

    public void Dispose()
    {
        if (_hasBody)
        {
            large.Bodies.Release();
        }

        if (_hasAnswer)
        {
            large.Answers.Release();
        }

        (_hasBody, _hasAnswer) = (false, false);
    }
}
