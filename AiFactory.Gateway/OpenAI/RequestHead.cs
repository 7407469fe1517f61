using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.Limits;

namespace AiFactory.Gateway.OpenAI;

/// <summary>
/// The members of a request that the gateway acts on; everything else passes through untouched, known or not.
/// <code>{"model":"demo-chat","messages":[...],"stream":true}</code>
/// </summary>
internal readonly ref struct RequestHead
{
    /// <summary>Longer than any deployment's name can be, so no such model exists.</summary>
    public const int LongestModel = 256;

    /// <summary>Tool schemas nest deeply; a body nested deeper than this is an attack on the parsers behind us.</summary>
    private const int MaximumDepth = 256;

    /// <summary>OpenAI's own.</summary>
    private const int MostChoices = 128;

    /// <summary>Of one request: OpenAI's own too.</summary>
    public const int MostImages = 10;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private RequestHead(ReadOnlySpan<char> model, ModelPlace place, bool stream, UsageSplice usage, OutputBound bound)
    {
        Model = model;
        ModelPlace = place;
        Stream = stream;
        Usage = usage;
        Bound = bound;
    }

    public ReadOnlySpan<char> Model { get; }

    /// <summary>Where <see cref="Model"/> stands, for another name to be put there.</summary>
    public ModelPlace ModelPlace { get; }

    public bool Stream { get; }

    /// <summary>How a stream is made to tell its usage.</summary>
    public UsageSplice Usage { get; }

    /// <summary>How long its answer may get.</summary>
    public OutputBound Bound { get; }

    /// <summary>Reads the whole body once, so that what a replica gets is JSON. The last of two equal members counts, as it does for the parsers behind us.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="buffer">At least <see cref="LongestModel"/> characters; the model's name is a slice of it.</param>
    public static OpenAIError? Read(ReadOnlySpan<byte> json, Span<char> buffer, out RequestHead head)
    {
        head = default;
        if (json.StartsWith(ByteOrderMark))
        {
            return OpenAIError.InvalidJson("it begins with a byte order mark.");
        }

        int? model = null;
        var place = default(ModelPlace);
        var stream = false;
        var usage = default(UsageSplice);
        long? longest = null;
        var choices = 1;
        OpenAIError? error = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return OpenAIError.InvalidJson("it is not an object.");
            }

            usage = new UsageSplice((int)reader.BytesConsumed, 0, UsageSpliceKind.Options);

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("model"u8))
                {
                    reader.Read();
                    place = new ModelPlace((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
                    error = ReadModel(ref reader, buffer, out model);
                }
                else if (reader.ValueTextEquals("stream"u8))
                {
                    reader.Read();
                    stream = reader.TokenType == JsonTokenType.True;
                }
                else if (reader.ValueTextEquals("stream_options"u8))
                {
                    reader.Read();
                    usage = ReadOptions(ref reader);
                }
                else if (reader.ValueTextEquals("max_tokens"u8) || reader.ValueTextEquals("max_completion_tokens"u8) || reader.ValueTextEquals("max_output_tokens"u8))
                {
                    // Servers disagree which of two counts: the larger one is reserved.
                    longest = ReadCount(ref reader, int.MaxValue) is { } said ? Math.Max(said, longest ?? 0) : longest;
                }
                else if (reader.ValueTextEquals("n"u8) || reader.ValueTextEquals("best_of"u8))
                {
                    choices = Math.Max(choices, (int)(ReadCount(ref reader, MostChoices) ?? 1));
                }

                reader.Skip();
            }

            // Anything after the object but white space is refused by the reader itself.
            while (reader.Read())
            {
            }
        }
        catch (JsonException invalid)
        {
            return OpenAIError.InvalidJson(Describe(invalid, json.Length));
        }
        catch (InvalidOperationException)
        {
            // A name in ill-formed UTF-8 or with half a surrogate pair.
            return OpenAIError.InvalidJson(string.Create(CultureInfo.InvariantCulture, $"a text before byte {reader.BytesConsumed} is not valid Unicode."));
        }

        if (error is not null || model is null)
        {
            return error ?? OpenAIError.MissingModel;
        }

        head = new RequestHead(buffer[..model.Value], place, stream, usage, new OutputBound(longest, choices));
        return null;
    }

    /// <summary>Of the value of <c>stream_options</c>; the last of two equal members counts here too.</summary>
    private static UsageSplice ReadOptions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return new UsageSplice((int)reader.TokenStartIndex, "null".Length, UsageSpliceKind.Object);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return default;
        }

        var begin = (int)reader.BytesConsumed;
        UsageSplice? asked = null;
        var empty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            if (reader.ValueTextEquals("include_usage"u8))
            {
                reader.Read();
                asked = reader.TokenType is JsonTokenType.False or JsonTokenType.Null
                    ? new UsageSplice((int)reader.TokenStartIndex, reader.ValueSpan.Length, UsageSpliceKind.Value)
                    : default(UsageSplice);
            }

            reader.Skip();
        }

        return asked ?? new UsageSplice(begin, 0, empty ? UsageSpliceKind.OnlyMember : UsageSpliceKind.FirstMember);
    }

    /// <returns>Null where it is no count above 0: the model's server refuses it, or has a default.</returns>
    private static long? ReadCount(ref Utf8JsonReader reader, long most)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count > 0 ? Math.Min(count, most) : null;
    }

    private static OpenAIError? ReadModel(ref Utf8JsonReader reader, Span<char> buffer, out int? length)
    {
        length = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case not JsonTokenType.String:
                return OpenAIError.ModelNotText;
        }

        // An escaped name is never longer than its escapes: unescaping needs at most as many characters as there are bytes.
        if (reader.ValueSpan.Length > buffer.Length)
        {
            return OpenAIError.ModelNotFound($"{System.Text.Encoding.UTF8.GetString(reader.ValueSpan[..32])}...");
        }

        length = reader.CopyString(buffer);
        return null;
    }

    /// <summary>For example <c>'}' is an invalid start of a value (line 3, byte 17).</c></summary>
    public static string Describe(JsonException error, int bodyLength)
    {
        if (bodyLength == 0)
        {
            return "it is empty.";
        }

        var end = error.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        var reason = (end < 0 ? error.Message : error.Message[..end]).TrimEnd('.');
        return string.Create(CultureInfo.InvariantCulture, $"{reason} (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).");
    }
}
