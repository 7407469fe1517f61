using System.Buffers;
using System.Text.Json;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Takes the event that only tells the usage out of a stream whose client did not ask for it. What is not such an event passes byte for byte, and without a copy as long as
/// pieces end where events do.
/// <code>
/// data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}
/// </code>
/// </summary>
internal sealed class UsageEventFilter : IDisposable
{
    /// <summary>An event that tells nothing but the usage is shorter; of a longer one no more is held.</summary>
    private const int LongestHeld = 8 * 1024;

    private byte[]? _held;
    private int _length;
    private byte[]? _output;

    /// <summary>Whether the rest of an event passes because its beginning did.</summary>
    private bool _passing;

    /// <summary>What of the piece, and of those before it, goes to the client now. It is valid until the next call.</summary>
    public ReadOnlyMemory<byte> Filter(ReadOnlyMemory<byte> piece)
    {
        // 1. Whole events without a usage: nothing to do.
        var bytes = piece.Span;
        if (_length == 0 && bytes.EndsWith("\n\n"u8) && bytes.IndexOf("\"usage\""u8) < 0)
        {
            _passing = false;
            return piece;
        }

        // 2. Event by event. The last one may not have ended: it is held, unless it is too long to be one that is taken out.
        var needed = _length + bytes.Length;
        _output = Renew(_output, needed);
        var work = Renew(null, needed);
        _held.AsSpan(0, _length).CopyTo(work);
        bytes.CopyTo(work.AsSpan(_length));
        var rest = work.AsSpan(0, needed);
        var written = 0;
        while (EndOfEvent(rest) is var end and > 0)
        {
            if (_passing || !TellsUsageOnly(rest[..end]))
            {
                rest[..end].CopyTo(_output.AsSpan(written));
                written += end;
            }

            _passing = false;
            rest = rest[end..];
        }

        if (_passing || rest.Length > LongestHeld)
        {
            // But for what may be the beginning of the blank line at its end.
            var passed = rest.LastIndexOfAnyExcept((byte)'\r', (byte)'\n') + 1;
            rest[..passed].CopyTo(_output.AsSpan(written));
            written += passed;
            _passing = true;
            rest = rest[passed..];
        }

        _held = Renew(_held, rest.Length);
        rest.CopyTo(_held);
        _length = rest.Length;
        ArrayPool<byte>.Shared.Return(work);
        return _output.AsMemory(0, written);
    }

    /// <summary>What is held when the stream has ended: an event without its end.</summary>
    public ReadOnlyMemory<byte> End()
    {
        var held = _held.AsMemory(0, _length);
        _length = 0;
        return held;
    }

    public void Dispose()
    {
        (_held, var held) = (null, _held);
        (_output, var output) = (null, _output);
        foreach (var buffer in (ReadOnlySpan<byte[]?>)[held, output])
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Behind the first blank line; 0 when there is none.</summary>
    private static int EndOfEvent(ReadOnlySpan<byte> bytes)
    {
        var plain = bytes.IndexOf("\n\n"u8);
        var carriage = bytes.IndexOf("\r\n\r\n"u8);
        return (plain, carriage) switch
        {
            ( < 0, < 0) => 0,
            ( >= 0, < 0) => plain + 2,
            ( < 0, >= 0) => carriage + 4,
            _ => Math.Min(plain + 2, carriage + 4),
        };
    }

    private static bool TellsUsageOnly(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("data:"u8) || text.IndexOf("\"usage\""u8) < 0)
        {
            return false;
        }

        var (empty, usage) = (false, false);
        var reader = new Utf8JsonReader(text["data:".Length..]);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (choices, told) = (reader.ValueTextEquals("choices"u8), reader.ValueTextEquals("usage"u8));
                reader.Read();
                if (choices)
                {
                    empty = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
                    if (!empty)
                    {
                        return false;
                    }
                }

                usage |= told && reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return empty && usage;
    }

    private static byte[] Renew(byte[]? buffer, int size)
    {
        if (buffer is not null && buffer.Length >= size)
        {
            return buffer;
        }

        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return ArrayPool<byte>.Shared.Rent(Math.Max(size, 512));
    }
}
