using System.Buffers;
using System.Text.Json;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Finds an answer's own <c>usage</c> as it passes, whole or in events, without holding the answer: it follows the JSON's depth by a vectorised search, and copies nothing but that
/// object. The last one counts, for a stream may tell it with every event.
/// <code>
/// {"id":"chatcmpl-1","choices":[...],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":0}}}
/// data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}
/// data: {"type":"response.completed","response":{"id":"resp_1","tools":[...],"usage":{"input_tokens":9,"output_tokens":12}}}
/// </code>
/// It is a member of the answer, or of the <c>response</c> in it, and of nothing deeper: what a client sends comes back there (the schemas of its tools, its metadata), and would else
/// write its bill.
/// </summary>
internal struct UsageScanner
{
    /// <summary>A usage object of every known server fits; a longer one is not followed.</summary>
    private const int LongestObject = 2048;

    // Names as numbers, their first byte the highest.
    private const int LongestName = 16;
    private const ulong UsageName = 0x75_73_61_67_65;
    private const ulong ResponseName = 0x72_65_73_70_6F_6E_73_65;
    private const ulong Base64Name = 0x62_36_34_5F_6A_73_6F_6E;
    private const ulong AddressName = 0x75_72_6C;
    private static readonly UInt128 ParametersName = new(0x70_61, 0x72_61_6D_65_74_65_72_73);

    private static readonly SearchValues<byte> Structural = SearchValues.Create("\"{}[]\n"u8);
    private static readonly SearchValues<byte> EndOfText = SearchValues.Create("\"\\\n"u8);

    private State _state;
    private int _depth;
    private bool _inLine;
    private bool _inResponse;
    private bool _escaped;
    private UInt128 _name;
    private int _nameLength;
    private ulong _member;
    private bool _imageIsCounted;
    private int _captureDepth;
    private int _captured;
    private byte[]? _capture;

    private enum State
    {
        Structure,
        Text,
        AfterName,
        AfterColon,
    }

    public TokenUsage? Usage { get; private set; }

    /// <summary>Whether the answer is KServe's, which tells it in <c>parameters</c>.</summary>
    public bool InParameters { get; set; }

    /// <summary>Whether the answer has images: <c>{"data":[{"b64_json":"..."},{"url":"..."}]}</c>.</summary>
    public bool CountsImages { get; set; }

    public long Images { get; private set; }

    /// <summary>Looks at the next bytes of the answer, cut anywhere.</summary>
    /// <param name="events">Whether the answer is a stream of events. A blank line ends one, whatever it holds.</param>
    public void Scan(ReadOnlySpan<byte> bytes, bool events)
    {
        // Whole events without a usage leave nothing behind.
        if (events && !_inLine && _depth == 0 && _state == State.Structure && (bytes.EndsWith("\n\n"u8) || bytes.EndsWith("\n\r\n"u8)) && bytes.IndexOf("\"usage\""u8) < 0)
        {
            return;
        }

        while (!bytes.IsEmpty)
        {
            var length = _state switch
            {
                State.Structure => Structure(bytes, events),
                State.Text => Text(bytes),
                _ => Expect(bytes[0], events),
            };
            if (_captureDepth > 0)
            {
                Keep(bytes[..length]);
            }

            bytes = bytes[length..];
        }
    }

    /// <summary>Gives back what was rented. The usage stays.</summary>
    public void End()
    {
        _captureDepth = 0;
        if (_capture is { } capture)
        {
            _capture = null;
            ArrayPool<byte>.Shared.Return(capture);
        }
    }

    /// <summary>Outside of texts: up to what opens or closes something, and it.</summary>
    private int Structure(ReadOnlySpan<byte> bytes, bool events)
    {
        var at = bytes.IndexOfAny(Structural);
        _inLine |= (at < 0 ? bytes : bytes[..at]).ContainsAnyExcept((byte)'\r');
        if (at < 0)
        {
            return bytes.Length;
        }

        if (bytes[at] == '\n')
        {
            if (events && !_inLine)
            {
                (_depth, _inResponse, _captureDepth) = (0, false, 0);
            }

            _inLine = false;
            return at + 1;
        }

        _inLine = true;
        switch (bytes[at])
        {
            case (byte)'"':
                (_state, _name, _nameLength) = (State.Text, 0, 0);
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                _imageIsCounted &= _depth != 3;
                break;
            default:
                _depth = Math.Max(0, _depth - 1);
                _inResponse &= _depth > 1;
                break;
        }

        if (_member == UsageName)
        {
            _capture ??= ArrayPool<byte>.Shared.Rent(LongestObject);
            (_captureDepth, _captured) = (_depth, 0);
        }

        _inResponse |= _member == ResponseName;
        _member = 0;
        return at + 1;
    }

    /// <summary>Inside of a text: up to its end, and it. No text of JSON goes past its line; one that seems to is none, but a quote in a comment.</summary>
    private int Text(ReadOnlySpan<byte> bytes)
    {
        if (_escaped)
        {
            _escaped = false;
            return 1;
        }

        var at = bytes.IndexOfAny(EndOfText);
        Spell(at < 0 ? bytes : bytes[..at]);
        switch (at < 0 ? 0 : bytes[at])
        {
            case 0:
                return bytes.Length;
            case (byte)'\n':
                _state = State.Structure;
                return at;
            case (byte)'\\':
                (_escaped, _nameLength) = (true, LongestName + 1);
                return at + 1;
            default:
                _member = _nameLength switch
                {
                    5 when _name == UsageName && (_depth == 1 || (_depth == 2 && _inResponse)) => UsageName,
                    8 when _name == ResponseName && _depth == 1 => ResponseName,
                    8 when CountsImages && _depth == 3 && _name == Base64Name => Base64Name,
                    3 when CountsImages && _depth == 3 && _name == AddressName => Base64Name,
                    10 when InParameters && _depth == 1 && _name == ParametersName => UsageName,
                    _ => 0,
                };
                _state = _member == 0 ? State.Structure : State.AfterName;
                return at + 1;
        }
    }

    private void Spell(ReadOnlySpan<byte> part)
    {
        _nameLength = Math.Min(_nameLength + part.Length, LongestName + 1);
        if (_nameLength <= LongestName)
        {
            foreach (var next in part)
            {
                _name = (_name << 8) | next;
            }
        }
    }

    /// <summary>White space, the colon, white space; then the brace, which is the structure's. Else it was no such member.</summary>
    private int Expect(byte next, bool events)
    {
        switch (next)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r':
            case (byte)'\n' when !events:
                return 1;
            case (byte)':' when _state == State.AfterName:
                _state = State.AfterColon;
                return 1;
            default:
                // An image's, and not a null in its place; one that comes as both is one.
                if (_member == Base64Name && next == '"' && _state == State.AfterColon && !_imageIsCounted)
                {
                    Images++;
                    _imageIsCounted = true;
                }

                _member = next == '{' && _state == State.AfterColon ? _member : 0;
                _state = State.Structure;
                return 0;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_capture is not { } capture || _captured + bytes.Length > LongestObject)
        {
            _captureDepth = 0;
            return;
        }

        bytes.CopyTo(capture.AsSpan(_captured));
        _captured += bytes.Length;
        if (_depth < _captureDepth)
        {
            Usage = Parse(capture.AsSpan(0, _captured)) ?? Usage;
            _captureDepth = 0;
        }
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
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count is >= 0 and <= TokenUsage.Most ? count : null;
    }
}
