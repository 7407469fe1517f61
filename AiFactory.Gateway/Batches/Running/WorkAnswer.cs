using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>An answer in memory, until it is kept. One that grows large waits for a place, and its replica with it; whoever has a place needs no other, so nobody waits for ever.</summary>
internal sealed class WorkAnswer(int largest, LargeWork large) : AnswerSink, IDisposable
{
    private bool _hasPlace;

    public WholeAnswer Whole { get; } = new(largest);

    public async ValueTask TakePlaceAsync(CancellationToken cancellationToken)
    {
        if (!_hasPlace)
        {
            await large.WaitAsync(cancellationToken);
            _hasPlace = true;
        }
    }

    public override ValueTask BeginAsync(int status, IHeaderDictionary headers, CancellationToken cancellationToken) => Whole.BeginAsync(status, headers, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (Whole.Body.Length + piece.Length > LargeWork.Bytes)
        {
            await TakePlaceAsync(cancellationToken);
        }

        await Whole.WriteAsync(piece, cancellationToken);
    }

    public override void Abort() => Whole.Abort();

    public void Dispose()
    {
        if (_hasPlace)
        {
            _hasPlace = false;
            large.Leave();
        }
    }
}
