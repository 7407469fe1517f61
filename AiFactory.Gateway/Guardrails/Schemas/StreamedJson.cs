using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Schemas;

/// <summary>A text that comes in pieces and should be JSON: where it cannot become any, that is known with the piece, or within a long value soon behind it; whether it fits a schema, when it has ended.</summary>
internal sealed class StreamedJson
{
    /// <summary>As those have that look at values.</summary>
    private const int Deepest = 64;

    private readonly ArrayBufferWriter<byte> _text = new(256);
    private readonly Encoder _utf8 = Encoding.UTF8.GetEncoder();
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = Deepest });

    /// <summary>Bytes that the reader has done with.</summary>
    private int _read;

    /// <summary>Bytes behind these in which no value ended: a long text is read again only when it has doubled.</summary>
    private int _waiting;

    /// <summary>Whether no more can make it JSON.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Whether it has been looked at to its end.</summary>
    public bool IsDone { get; set; }

    public ReadOnlyMemory<byte> Text => _text.WrittenMemory;

    public void Append(ReadOnlySpan<char> piece)
    {
        if (IsBroken || piece.IsEmpty)
        {
            return;
        }

        _utf8.Convert(piece, _text, flush: false, out _, out _);
        if (_text.WrittenCount > SchemaRule.Largest)
        {
            IsBroken = true;
            return;
        }

        if (_text.WrittenCount - _read < 2 * _waiting)
        {
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(_text.WrittenSpan[_read..], isFinalBlock: false, _state);
            while (reader.Read())
            {
            }

            _read += (int)reader.BytesConsumed;
            _waiting = _text.WrittenCount - _read;
            _state = reader.CurrentState;
        }
        catch (JsonException)
        {
            IsBroken = true;
        }
    }
}
