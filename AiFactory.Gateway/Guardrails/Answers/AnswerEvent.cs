using System.Buffers;
using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>
/// The parts of one event that rules are about.
/// <code>
/// event: response.output_text.delta
/// data: {"type":"response.output_text.delta","delta":"Hello"}
/// </code>
/// </summary>
internal readonly ref struct AnswerEvent
{
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private AnswerEvent(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> data)
    {
        Raw = raw;
        Data = data;
    }

    /// <summary>All of it, as it came.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>What its lines <c>data:</c> say, together; empty where it has none.</summary>
    public ReadOnlySpan<byte> Data { get; }

    public bool IsDone => Data.SequenceEqual("[DONE]"u8);

    public static AnswerEvent Read(ReadOnlySpan<byte> raw)
    {
        ReadOnlySpan<byte> data = default;
        var several = (ArrayBufferWriter<byte>?)null;
        foreach (var range in raw.SplitAny(LineEnds))
        {
            var line = raw[range];
            if (!line.StartsWith("data:"u8))
            {
                continue;
            }

            line = line["data:"u8.Length..].Trim((byte)' ');
            if (!data.IsEmpty && several is null)
            {
                several = new ArrayBufferWriter<byte>(raw.Length);
                several.Write(data);
            }

            if (several is null)
            {
                data = line;
                continue;
            }

            several.Write("\n"u8);
            several.Write(line);
            data = several.WrittenSpan;
        }

        return new AnswerEvent(raw, data);
    }

    /// <summary>With other data in the place of its own.</summary>
    public void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> data)
    {
        foreach (var range in Raw.SplitAny(LineEnds))
        {
            var line = Raw[range];
            if (!line.IsEmpty && !line.StartsWith("data:"u8))
            {
                to.Write(line);
                to.Write("\n"u8);
            }
        }

        to.Write("data: "u8);
        to.Write(data);
        to.Write("\n\n"u8);
    }

    /// <exception cref="JsonException">It is no object.</exception>
    public Utf8JsonReader Open()
    {
        var reader = new Utf8JsonReader(Data, new JsonReaderOptions { MaxDepth = 256 });
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? reader : throw new JsonException("An event is no object.");
    }
}
