using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Sockets;

/// <summary>
/// What a client says: a request as its route takes it, with an id where there are several at once; or that one is not wanted any more.
/// <code>
/// {"request_id":"a","model":"demo-chat","messages":[...],"stream":true}
/// {"type":"cancel","request_id":"a"}
/// </code>
/// </summary>
/// <param name="Id">Empty where none was given.</param>
/// <param name="Body">Null of a cancellation.</param>
internal sealed record SocketMessage(string Id, ReadOnlyMemory<byte>? Body)
{
    private const int LongestId = 128;

    public static OpenAIError? Read(ReadOnlyMemory<byte> bytes, out SocketMessage message)
    {
        message = new SocketMessage("", null);
        if (OuterRequests.Check(bytes.Span) is { } malformed)
        {
            return malformed;
        }

        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = OuterRequests.MaximumDepth });
        var root = document.RootElement;
        if (root.TryGetProperty("request_id"u8, out var id))
        {
            if (id.ValueKind != JsonValueKind.String || id.GetString() is not { Length: > 0 and <= LongestId } text)
            {
                return Invalid($"'request_id' is a text of 1 to {LongestId} characters.", "request_id");
            }

            message = message with { Id = text };
        }

        if (!root.TryGetProperty("type"u8, out var type))
        {
            message = message with { Body = Rest(root) };
            return null;
        }

        return type.ValueKind == JsonValueKind.String && type.ValueEquals("cancel"u8) ? null : Invalid("'type' is 'cancel', or absent where the message is a request.", "type");
    }

    private static OpenAIError Invalid(string complaint, string param) => OpenAIError.Of(StatusCodes.Status400BadRequest, complaint, "invalid_request_error", param, "invalid_value");

    private static ReadOnlyMemory<byte> Rest(JsonElement root)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body, RelaxedJson.Options);
        json.WriteStartObject();
        foreach (var member in root.EnumerateObject().Where(member => !member.NameEquals("request_id"u8)))
        {
            member.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
