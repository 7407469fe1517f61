using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.Gateway.SubRequests;

/// <summary>The response of a <see cref="SubRequest"/>, as the rooms that answer it see one: status and headers first, then a body, which goes to the sink.</summary>
internal sealed class InnerResponse(AnswerSink sink, CancellationToken left) : Stream, IHttpResponseFeature, IHttpRequestLifetimeFeature
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = [];
    private readonly Stack<(Func<object, Task> Callback, object State)> _completed = [];

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    /// <summary>The body as it was set before there was <see cref="IHttpResponseBodyFeature"/>; the interface still asks for it.</summary>
    public Stream Body { get => this; set => throw new NotSupportedException(); }

    public bool HasStarted { get; private set; }

    /// <summary>The client's leaving, or its word that it does not want this answer any more.</summary>
    public CancellationToken RequestAborted { get; set; } = left;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

    public void Abort() => sink.Abort();

    /// <summary>Nothing follows.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        while (_completed.TryPop(out var one))
        {
            await one.Callback(one.State);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await BeginAsync(cancellationToken);
        if (!buffer.IsEmpty)
        {
            await sink.WriteAsync(buffer, cancellationToken);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => BeginAsync(cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (HasStarted)
        {
            return;
        }

        while (_starting.TryPop(out var one))
        {
            await one.Callback(one.State);
        }

        HasStarted = true;
        await sink.BeginAsync(StatusCode, Headers, cancellationToken);
    }
}
