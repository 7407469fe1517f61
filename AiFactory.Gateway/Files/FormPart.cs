using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Files;

/// <summary>The bytes of a form, or of a file in it. That the form breaks off is told from a storage that does: both would be an <see cref="IOException"/>.</summary>
/// <param name="most">More bytes are <paramref name="tooMuch"/>.</param>
internal sealed class FormPart(Stream body, long most, OpenAIError tooMuch) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            _read += read;
            return _read <= most ? read : throw new FormException(tooMuch);
        }
        catch (IOException broken)
        {
            throw new FormException(FileErrors.BrokenForm, broken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
