using System.Security.Cryptography;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary>Parts of an upload as one stream, each opened when its turn comes, and the hash that OpenAI's clients can name.</summary>
internal sealed class JoinedParts(UploadObjects objects, Guid upload, IReadOnlyList<Guid> parts, IncrementalHash hash) : Stream
{
    private int _next;
    private Stream? _part;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_part is null)
            {
                if (_next == parts.Count)
                {
                    return 0;
                }

                _part = await objects.OpenAsync(upload, parts[_next++], cancellationToken);
            }

            var read = await _part.ReadAsync(buffer, cancellationToken);
            if (read > 0)
            {
                hash.AppendData(buffer.Span[..read]);
                return read;
            }

            await _part.DisposeAsync();
            _part = null;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        if (_part is { } part)
        {
            _part = null;
            await part.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
