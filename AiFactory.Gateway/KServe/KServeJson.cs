using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.KServe;

/// <summary>The gateway's own answers in KServe's shape; an error is <c>{"error":"..."}</c>.</summary>
internal static class KServeJson
{
    public static Task WriteErrorAsync(HttpContext context, OpenAIError error)
    {
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, error.Status, json => json.WriteString("error"u8, error.Body.Message));
    }

    /// <summary><c>{"model":"demo-chat"}</c>: what the handler of models reads in place of the tensors.</summary>
    public static ReadOnlyMemory<byte> NameModel(string name)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(body, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("model"u8, name);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        var body = new ArrayBufferWriter<byte>(256);
        await using (var json = new Utf8JsonWriter(body, RelaxedJson.Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
