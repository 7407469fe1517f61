using System.Buffers;
using System.Text.Json;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Finds <c>usage</c> in an answer as it passes, whole or in events, without holding the answer: a vectorised search for the member's name, and a copy of
/// nothing but its object. The last one counts, for a stream may tell it with every event.
/// <code>
/// {"id":"chatcmpl-1","choices":[...],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":0}}}
/// data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}
/// </code>
/// Text that a model wrote cannot pass for it: inside a JSON string the quotes around the name are escaped, and a string value has no colon after it.
/// </summary>
internal struct UsageScanner
{
    /// <summary>A usage object of every known server fits; a longer one is not followed.</summary>
    private const int LongestObject = 2048;

    private static ReadOnlySpan<byte> Name => "\"usage\""u8;

    private State _state;
    private int _matched;
    private int _depth;
    private int _captured;
    private byte[]? _capture;

    private enum State
    {
        Searching,
        AfterName,
        AfterColon,
        Capturing,
    }

    public TokenUsage? Usage { get; private set; }

    /// <summary>Looks at the next bytes of the answer, cut anywhere.</summary>
    public void Scan(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = _state switch
            {
                State.Searching => Search(bytes),
                State.Capturing => Capture(bytes),
                _ => Expect(bytes),
            };
        }
    }

    /// <summary>Gives back what was rented. The usage stays.</summary>
    public void End()
    {
        if (_capture is { } capture)
        {
            _capture = null;
            ArrayPool<byte>.Shared.Return(capture);
        }
    }

    private ReadOnlySpan<byte> Search(ReadOnlySpan<byte> bytes)
    {
        // 1. A name that the last bytes began. It has one quote at its start and one at its end, so a failed match can only begin anew at this byte.
        while (_matched > 0 && !bytes.IsEmpty)
        {
            if (bytes[0] != Name[_matched])
            {
                _matched = 0;
                break;
            }

            bytes = bytes[1..];
            if (++_matched == Name.Length)
            {
                return Found(bytes);
            }
        }

        // 2. A whole name.
        var at = bytes.IndexOf(Name);
        if (at >= 0)
        {
            return Found(bytes[(at + Name.Length)..]);
        }

        // 3. A name that these bytes begin and the next will end.
        var quote = bytes[Math.Max(0, bytes.Length - Name.Length + 1)..].LastIndexOf((byte)'"');
        if (quote >= 0)
        {
            var tail = bytes[(Math.Max(0, bytes.Length - Name.Length + 1) + quote)..];
            _matched = Name.StartsWith(tail) ? tail.Length : 0;
        }

        return [];
    }

    private ReadOnlySpan<byte> Found(ReadOnlySpan<byte> rest)
    {
        _matched = 0;
        _state = State.AfterName;
        return rest;
    }

    /// <summary>White space, the colon, white space, the brace.</summary>
    private ReadOnlySpan<byte> Expect(ReadOnlySpan<byte> bytes)
    {
        switch (bytes[0])
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                return bytes[1..];
            case (byte)':' when _state == State.AfterName:
                _state = State.AfterColon;
                return bytes[1..];
            case (byte)'{' when _state == State.AfterColon:
                _state = State.Capturing;
                _capture ??= ArrayPool<byte>.Shared.Rent(LongestObject);
                (_captured, _depth) = (0, 0);
                return bytes;
            default:
                _state = State.Searching;
                return bytes;
        }
    }

    private ReadOnlySpan<byte> Capture(ReadOnlySpan<byte> bytes)
    {
        var capture = _capture ?? throw new InvalidOperationException("A capture has begun without its buffer.");
        for (var i = 0; i < bytes.Length; i++)
        {
            if (_captured == LongestObject)
            {
                _state = State.Searching;
                return bytes[i..];
            }

            var next = bytes[i];
            capture[_captured++] = next;
            _depth += next switch { (byte)'{' => 1, (byte)'}' => -1, _ => 0 };
            if (_depth == 0)
            {
                Usage = Parse(capture.AsSpan(0, _captured)) ?? Usage;
                _state = State.Searching;
                return bytes[(i + 1)..];
            }
        }

        return [];
    }

    private static TokenUsage? Parse(ReadOnlySpan<byte> json)
    {
        long? input = null;
        long? output = null;
        long? cached = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                // "prompt_tokens_details":{"cached_tokens":4}, or "input_tokens_details".
                if (reader.CurrentDepth == 2 && reader.ValueTextEquals("cached_tokens"u8))
                {
                    cached = ReadCount(ref reader);
                }

                if (reader.CurrentDepth != 1)
                {
                    continue;
                }

                if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8))
                {
                    input = ReadCount(ref reader);
                }
                else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8))
                {
                    output = ReadCount(ref reader);
                }
            }
        }
        catch (JsonException)
        {
            // Not what it looked like; the answer itself is the client's to judge.
            return null;
        }

        return input is null && output is null ? null : new TokenUsage(input, output, cached);
    }

    private static long? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0 ? count : null;
    }
}
