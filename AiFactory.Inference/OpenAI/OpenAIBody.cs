using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AiFactory.Inference.OpenAI;

/// <summary>Reads a request's JSON, and words what is wrong with it.</summary>
internal static class OpenAIBody
{
    public static async Task<(T? Value, OpenAIError? Error)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync(request.BodyReader, type, cancellationToken);
            return value is null
                ? (null, OpenAIError.Invalid("The body must be a JSON object.", null))
                : (value, null);
        }
        catch (JsonException error)
        {
            // "$.temperature" is the JSON path of the field at fault.
            var field = error.Path is { Length: > 2 } path ? path[2..] : null;
            return (null, OpenAIError.Invalid(
                field is null ? "We could not parse the JSON body of your request." : $"Invalid type or value for '{field}'.", field, "invalid_json"));
        }
        catch (BadHttpRequestException error) when (error.StatusCode != StatusCodes.Status413PayloadTooLarge) // which is worded for all routes in one place, with its setting
        {
            return (null, new OpenAIError(error.StatusCode, new(error.Message, "invalid_request_error", null, null)));
        }
    }
}
