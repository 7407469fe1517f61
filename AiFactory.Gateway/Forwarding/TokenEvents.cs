using System.Runtime.CompilerServices;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Counts the events of a stream that bring a token, wherever the pieces in which it comes are cut.</summary>
internal struct TokenEvents
{
    /// <summary>Bytes by which a token is known, and some more.</summary>
    private const int Longest = 32;

    private Tail _tail;
    private int _tailLength;
    private bool _hasToken;

    /// <returns>How many such events end in this piece.</returns>
    public int Count(ReadOnlySpan<byte> piece)
    {
        var count = 0;
        if (_tailLength > 0 && !piece.IsEmpty)
        {
            count += Join(ref piece);
        }

        while (!piece.IsEmpty)
        {
            var end = EndOf(piece);
            var part = end < 0 ? piece : piece[..end];
            _hasToken |= FirstTokenScanner.HasToken(part);
            if (end < 0)
            {
                Keep(part);
                break;
            }

            count += Take();
            piece = piece[end..];
        }

        return count;
    }

    /// <summary>Behind the blank line that ends an event; -1 where none is.</summary>
    private static int EndOf(ReadOnlySpan<byte> bytes)
    {
        var (plain, carriage) = (bytes.IndexOf("\n\n"u8), bytes.IndexOf("\n\r\n"u8));
        return carriage >= 0 && (plain < 0 || carriage < plain) ? carriage + 3 : plain < 0 ? -1 : plain + 2;
    }

    /// <summary>Looks at the seam between the last piece and this one, and takes an end that lies across it off.</summary>
    private int Join(ref ReadOnlySpan<byte> piece)
    {
        Span<byte> seam = stackalloc byte[Longest * 2];
        Span<byte> tail = _tail;
        tail[.._tailLength].CopyTo(seam);
        var ahead = Math.Min(piece.Length, Longest);
        piece[..ahead].CopyTo(seam[_tailLength..]);
        seam = seam[..(_tailLength + ahead)];
        if (EndOf(seam) is var end and > 0)
        {
            _hasToken |= FirstTokenScanner.HasToken(seam[..end]);
            piece = piece[(end - _tailLength)..];
            return Take();
        }

        _hasToken |= FirstTokenScanner.HasToken(seam);
        if (piece.Length <= Longest)
        {
            Keep(seam);
            piece = default;
        }

        return 0;
    }

    private int Take()
    {
        var taken = _hasToken ? 1 : 0;
        (_hasToken, _tailLength) = (false, 0);
        return taken;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        var last = part[Math.Max(0, part.Length - Longest)..];
        last.CopyTo(_tail);
        _tailLength = last.Length;
    }

    [InlineArray(Longest)]
    private struct Tail
    {
        private byte _first;
    }
}
