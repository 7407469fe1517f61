using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>
/// One line of an input file, which OpenAI calls a request's input:
/// <code>{"custom_id":"request-1","method":"POST","url":"/v1/chat/completions","body":{"model":"demo-chat","messages":[...]}}</code>
/// </summary>
/// <param name="BodyAt">Where the body stands in the line.</param>
internal readonly record struct InputLine(string CustomId, int BodyAt, int BodyLength)
{
    private const int LongestCustomId = 512;

    /// <returns>What is wrong with the line, without its number; null when nothing is.</returns>
    public static BatchError? Read(ReadOnlySpan<byte> json, string endpoint, out InputLine line)
    {
        line = default;
        if (OuterRequests.Check(json) is { } malformed)
        {
            return Invalid("invalid_json_line", malformed.Body.Message.Replace("The body of the request", "This line", StringComparison.Ordinal), null);
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = OuterRequests.MaximumDepth });
        reader.Read();
        string? customId = null, method = null, url = null;
        var (at, length) = (-1, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("custom_id"u8))
            {
                customId = Text(ref reader);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                method = Text(ref reader);
            }
            else if (reader.ValueTextEquals("url"u8))
            {
                url = Text(ref reader);
            }
            else if (reader.ValueTextEquals("body"u8))
            {
                reader.Read();
                var isObject = reader.TokenType == JsonTokenType.StartObject;
                var begin = (int)reader.TokenStartIndex;
                reader.Skip();
                (at, length) = isObject ? (begin, (int)reader.BytesConsumed - begin) : (-1, 0);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (customId is null or "" || customId.Length > LongestCustomId || customId.Contains('\0', StringComparison.Ordinal))
        {
            return Invalid("invalid_custom_id", $"'custom_id' must be a text of 1 to {LongestCustomId} characters.", "custom_id");
        }

        if (method != HttpMethods.Post)
        {
            return Invalid("invalid_method", "'method' must be POST.", "method");
        }

        if (url != endpoint)
        {
            return Invalid("invalid_url", $"'url' must be the endpoint of the batch, {endpoint}.", "url");
        }

        if (at < 0)
        {
            return Invalid("invalid_body", "'body' must be an object: the request as its endpoint takes it.", "body");
        }

        line = new InputLine(customId, at, length);
        return ReadBody(json.Slice(at, length));
    }

    /// <summary>What is wrong with a request that nobody waits for; the model itself is looked up when its turn comes.</summary>
    public static BatchError? ReadBody(ReadOnlySpan<byte> body)
    {
        Span<char> model = stackalloc char[RequestHead.LongestModel];
        if (RequestHead.Read(body, model, out var head) is { } error)
        {
            return Invalid(error.Body.Code ?? "invalid_body", error.Body.Message, error.Body.Param is { } param ? $"body.{param}" : "body");
        }

        return head.Stream ? Invalid("stream_not_supported", "'stream' must not be true: nobody would read the stream.", "body.stream") : null;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        reader.Skip();
        return text;
    }

    private static BatchError Invalid(string code, string message, string? param) => new(code, message, param, null);
}
