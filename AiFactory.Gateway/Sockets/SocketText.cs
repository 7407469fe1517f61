using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Sockets;

/// <summary>The messages that the gateway writes.</summary>
internal static class SocketText
{
    /// <param name="json">An object: the id becomes its first member.</param>
    public static ReadOnlyMemory<byte> WithId(string id, ReadOnlySpan<byte> json)
    {
        var to = new ArrayBufferWriter<byte>(json.Length + id.Length + 32);
        var rest = json.TrimStart(" \t\r\n"u8)[1..];
        to.Write("{"u8);
        if (id.Length > 0)
        {
            to.Write("\"request_id\":"u8);
            using (var text = new Utf8JsonWriter(to, RelaxedJson.Options))
            {
                text.WriteStringValue(id);
            }

            to.Write(rest.TrimStart(" \t\r\n"u8).StartsWith("}"u8) ? ""u8 : ","u8);
        }

        to.Write(rest);
        return to.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> End(string id, string type) => Write(id, json => json.WriteString("type"u8, type));

    public static ReadOnlyMemory<byte> Error(string id, string type, OpenAIError error, string? retryAfter) => Write(id, json =>
    {
        json.WriteString("type"u8, type);
        json.WriteNumber("status"u8, error.Status);
        if (retryAfter is { Length: > 0 })
        {
            json.WriteString("retry_after"u8, retryAfter);
        }

        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Body.Message);
        json.WriteString("type"u8, error.Body.Type);
        json.WriteString("param"u8, error.Body.Param);
        json.WriteString("code"u8, error.Body.Code);
        json.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> Write(string id, Action<Utf8JsonWriter> members)
    {
        var to = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(to, RelaxedJson.Options);
        json.WriteStartObject();
        if (id.Length > 0)
        {
            json.WriteString("request_id"u8, id);
        }

        members(json);
        json.WriteEndObject();
        json.Flush();
        return to.WrittenMemory;
    }
}
