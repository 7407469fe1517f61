namespace AiFactory.Gateway.SubRequests;

/// <summary>Takes the answer to a <see cref="SubRequest"/>, each piece as it comes. A call that waits holds the upstream back.</summary>
internal abstract class AnswerSink
{
    /// <summary>Once, before the first piece; also where the answer has no body.</summary>
    public abstract ValueTask BeginAsync(int status, IHeaderDictionary headers, CancellationToken cancellationToken);

    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken);

    /// <summary>The answer broke off: what came is not all of it.</summary>
    public virtual void Abort()
    {
    }
}
