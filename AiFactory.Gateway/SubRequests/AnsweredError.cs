using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.SubRequests;

/// <summary>What a refused <see cref="SubRequest"/> was answered.</summary>
internal static class AnsweredError
{
    /// <summary>The error in an answer: <c>{"error":{"message":"...","code":"..."}}</c>, or what some other service wrote.</summary>
    public static OpenAIError Of(int status, JsonElement? answer)
    {
        var error = answer is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error"u8, out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return new OpenAIError(status, new ErrorBody(
            Text(error, "message") ?? $"The model's service answered with status {status}.", Text(error, "type") ?? "server_error", Text(error, "param"), Text(error, "code")));
    }

    private static string? Text(JsonElement error, string name)
    {
        try
        {
            return error.ValueKind == JsonValueKind.Object && error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character: whoever wrote it is no service of ours.
            return null;
        }
    }
}
