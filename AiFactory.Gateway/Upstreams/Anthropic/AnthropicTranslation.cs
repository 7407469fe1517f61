using System.Buffers;
using System.Net;
using System.Text.Json;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>Puts OpenAI's answer in the place of Anthropic's, before anyone has looked at it: who judges, meters and passes answers on knows one protocol.</summary>
internal static class AnthropicTranslation
{
    /// <summary>Anthropic's own status for a service that has too much to do.</summary>
    private const HttpStatusCode Overloaded = (HttpStatusCode)529;

    /// <summary>Bytes: larger than any message; what is larger is none.</summary>
    private const int LargestAnswer = 64 * 1024 * 1024;

    /// <param name="counts">Whether it was asked for a count of tokens.</param>
    /// <returns>False when it answered with 200 and what is neither a message nor a count.</returns>
    public static async Task<bool> TranslateAsync(HttpResponseMessage response, bool tellsUsage, bool counts, long created, CancellationToken cancellationToken)
    {
        var content = response.Content;
        if (response.StatusCode == HttpStatusCode.OK && content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken);
            Put(response, new StreamContent(new AnthropicStream(stream, new AnthropicChunks(tellsUsage, created))), "text/event-stream");
            return true;
        }

        await content.LoadIntoBufferAsync(LargestAnswer, cancellationToken);
        using var answer = Parse(await content.ReadAsByteArrayAsync(cancellationToken));
        var body = new ArrayBufferWriter<byte>(1024);
        if (response.StatusCode < HttpStatusCode.BadRequest)
        {
            if (!(counts ? TryWriteCount(answer, body) : TryWrite(answer, created, body)))
            {
                return response.StatusCode != HttpStatusCode.OK;
            }
        }
        else
        {
            var error = answer is { RootElement.ValueKind: JsonValueKind.Object } && answer.RootElement.TryGet("error"u8, out var told) ? told : default;
            OpenAIErrorWriter.WriteEnvelope(body, AnthropicAnswer.ErrorOf(error, $"The model's service answered with status {(int)response.StatusCode}."));
            response.StatusCode = response.StatusCode == Overloaded ? HttpStatusCode.ServiceUnavailable : response.StatusCode;
        }

        Put(response, new ReadOnlyMemoryContent(body.WrittenMemory), "application/json");
        content.Dispose();
        return true;
    }

    private static bool TryWrite(JsonDocument? answer, long created, ArrayBufferWriter<byte> body)
    {
        try
        {
            return answer is not null && AnthropicAnswer.TryWrite(answer.RootElement, created, body);
        }
        catch (InvalidOperationException)
        {
            // Half a character.
            return false;
        }
    }

    /// <summary><c>{"input_tokens":14}</c> as vLLM's <c>{"count":14}</c>; which tokens they are the service does not say.</summary>
    private static bool TryWriteCount(JsonDocument? answer, ArrayBufferWriter<byte> body)
    {
        if (answer is not { RootElement.ValueKind: JsonValueKind.Object }
            || !answer.RootElement.TryGetProperty("input_tokens"u8, out var tokens)
            || tokens.ValueKind != JsonValueKind.Number
            || !tokens.TryGetInt64(out var count))
        {
            return false;
        }

        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteNumber("count"u8, count);
        json.WriteEndObject();
        return true;
    }

    private static JsonDocument? Parse(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Put(HttpResponseMessage response, HttpContent content, string type)
    {
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue(type);
        response.Content = content;
    }
}
