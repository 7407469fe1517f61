using System.Buffers;

namespace AiFactory.Gateway.Caching;

/// <summary>What a replica answers, copied as it passes; given up when it is longer than any that is kept.</summary>
internal sealed class AnswerCapture(int largest) : IDisposable
{
    private const int FirstSize = 4096;

    private byte[]? _buffer;
    private int _length;

    public bool IsTooLong { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Add(ReadOnlySpan<byte> piece)
    {
        if (IsTooLong || piece.Length > largest - _length)
        {
            IsTooLong = true;
            Dispose();
            return;
        }

        if (_buffer is null || _buffer.Length - _length < piece.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Min(largest, Math.Max(_length * 2, _length + piece.Length))));
            Written.Span.CopyTo(larger);
            (var former, _buffer) = (_buffer, larger);
            if (former is not null)
            {
                ArrayPool<byte>.Shared.Return(former);
            }
        }

        piece.CopyTo(_buffer.AsSpan(_length));
        _length += piece.Length;
    }

    public void Dispose()
    {
        _length = 0;
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
