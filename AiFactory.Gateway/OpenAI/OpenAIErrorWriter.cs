using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Gateway.OpenAI;

/// <summary>Writes OpenAI's error envelope: <c>{"error":{"message":"...","type":"...","param":null,"code":"..."}}</c>, as an answer or as an event of a stream.</summary>
internal static class OpenAIErrorWriter
{
    // The envelope is never put into HTML: quotes and accents stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, OpenAIError error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var body = new ArrayBufferWriter<byte>(256);
        WriteEnvelope(body, error.Body);
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    /// <summary>A last event of a stream that has begun: clients of OpenAI raise it.</summary>
    /// <param name="betweenEvents">Whether the last event ended; else it is ended first.</param>
    public static void WriteEvent(IBufferWriter<byte> output, OpenAIError error, bool betweenEvents)
    {
        output.Write(betweenEvents ? "data: "u8 : "\n\ndata: "u8);
        WriteEnvelope(output, error.Body);
        output.Write("\n\n"u8);
    }

    public static void WriteEnvelope(IBufferWriter<byte> output, ErrorBody error)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
