using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// A JSON string as the text that it stands for, and back (RFC 8259, section 7). Unlike the framework's reader it takes half a surrogate pair, of which the other half may come in the next
/// piece of a stream, and bytes that are no UTF-8, for what reads them next may be as lenient.
/// </summary>
internal static class JsonText
{
    /// <param name="raw">What stands between the quotes.</param>
    /// <param name="to">Of at least as many characters as there are bytes.</param>
    /// <returns>How many characters it has.</returns>
    public static int Decode(ReadOnlySpan<byte> raw, Span<char> to)
    {
        var length = 0;
        while (true)
        {
            var escape = raw.IndexOf((byte)'\\');
            length += Encoding.UTF8.GetChars(escape < 0 ? raw : raw[..escape], to[length..]);
            if (escape < 0 || escape + 1 >= raw.Length)
            {
                return length;
            }

            raw = raw[(escape + 1)..];
            var taken = 1;
            to[length++] = raw[0] switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'u' when raw.Length >= 5 && ushort.TryParse(raw[1..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) => Unit(unit, out taken),
                var letter => (char)letter,
            };
            raw = raw[taken..];
        }
    }

    /// <summary>How many characters a string has, an escape counted as one.</summary>
    public static int CountOf(ReadOnlySpan<byte> raw)
    {
        var count = Encoding.UTF8.GetCharCount(raw);
        for (var escape = raw.IndexOf((byte)'\\'); escape >= 0 && escape + 1 < raw.Length; escape = raw.IndexOf((byte)'\\'))
        {
            count -= raw[escape + 1] == 'u' ? 5 : 1;
            raw = raw[(escape + 2)..];
        }

        return count;
    }

    /// <returns>The string with its quotes. Half a surrogate pair becomes U+FFFD.</returns>
    public static byte[] Encode(ReadOnlySpan<char> text)
    {
        var bytes = new ArrayBufferWriter<byte>(text.Length + 16);
        using (var json = new Utf8JsonWriter(bytes, RelaxedJson.Options))
        {
            json.WriteStringValue(text);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static char Unit(ushort unit, out int taken)
    {
        taken = 5;
        return (char)unit;
    }
}
