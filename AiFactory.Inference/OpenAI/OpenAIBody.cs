using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Inference.OpenAI;

/// <summary>Reads a request's JSON, and words what is wrong with it.</summary>
internal static class OpenAIBody
{
    /// <summary>UTF-8, as clients write it (the hyphen is often left out), and what is a part of it.</summary>
    private static readonly FrozenSet<string> Charsets = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "utf-8", "utf8", "us-ascii");

    public static async Task<(T? Value, OpenAIError? Error)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (RefuseType(request) is { } refusal)
        {
            return (null, refusal);
        }

        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            var text = body.GetBuffer().AsSpan(0, (int)body.Length);
            text = text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
            if (!Utf8.IsValid(text))
            {
                // Parts without a fixed shape keep their bytes, and fail where they are read.
                return (null, OpenAIError.Invalid("The JSON body of your request is not valid UTF-8.", null, "invalid_json"));
            }

            var value = JsonSerializer.Deserialize(text, type);
            return value is null
                ? (null, OpenAIError.Invalid("The body must be a JSON object.", null))
                : (value, null);
        }
        catch (JsonException error)
        {
            // "$.temperature" is the JSON path of the field at fault.
            var field = error.Path is { Length: > 2 } path ? path[2..] : null;
            return (null, OpenAIError.Invalid(
                field is null ? $"We could not parse the JSON body of your request{At(error)}." : $"Invalid type or value for '{field}'{At(error)}.", field, "invalid_json"));
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            // A chunk of an impossible length, or a connection that broke: mostly nobody is left to read this.
            return (null, OpenAIError.Invalid($"The body is not what its 'Transfer-Encoding' or 'Content-Length' says: {error.Message}", null));
        }
        catch (BadHttpRequestException error) when (error.StatusCode != StatusCodes.Status413PayloadTooLarge) // which is worded for all routes in one place, with its setting
        {
            return (null, new OpenAIError(error.StatusCode, new(error.Message, "invalid_request_error", null, null)));
        }
    }

    /// <summary>JSON, in the one encoding that it has (RFC 8259, 8.1); who says nothing means that.</summary>
    private static OpenAIError? RefuseType(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.ContentType))
        {
            return null;
        }

        var charset = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.Charset.Value?.Trim('"') : null;
        return !request.HasJsonContentType() ? Refuse($"The body's Content-Type is '{request.ContentType}'; only application/json is read.")
            : charset is { Length: > 0 } && !Charsets.Contains(charset)
                ? Refuse($"The body's charset is '{charset}'; JSON is read as utf-8.")
            : null;

        static OpenAIError Refuse(string message) => new(StatusCodes.Status415UnsupportedMediaType, new(message, "invalid_request_error", null, "unsupported_media_type"));
    }

    private static string At(JsonException error) => error.LineNumber is { } line ? $" (line {line + 1}, byte {error.BytePositionInLine + 1})" : "";
}
