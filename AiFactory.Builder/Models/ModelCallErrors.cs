using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Models;

/// <summary>Failed calls as <see cref="ModelCallException"/>.</summary>
internal static class ModelCallErrors
{
    /// <summary>The failure that the exception means; null for one that means none: the caller's own cancellation, or a bug.</summary>
    internal static ModelCallException? Of(Exception error, bool wasSilent, TimeSpan silence) => error switch
    {
        ModelCallException => null,
        OperationCanceledException when wasSilent => new ModelCallException($"The model was silent for {silence.TotalSeconds:0} s.", null, "timeout", isTransient: true, error),
        // A connection that is not made in time is given up by the client itself, with a cancellation.
        HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException } => new ModelCallException($"The model's answer did not come: {error.Message}", null, "connection", isTransient: true, error),
        JsonException or FormatException => new ModelCallException($"The model's answer cannot be read: {error.Message}", null, "malformed", isTransient: false, error),
        _ => null,
    };

    /// <summary>What the body of a refusal says: <c>{"error":{"message":"...","type":"...","param":null,"code":"..."}}</c>.</summary>
    internal static ModelCallException Read(string body, int? status)
    {
        var error = Envelope(body)?.Error;
        var isTransient = status is null or 408 or 429 or >= 500;
        return new ModelCallException(error?.Message ?? $"The gateway answered {status}.", status, error?.Code, isTransient);
    }

    private static ErrorEnvelope? Envelope(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, OpenAIJson.Default.ErrorEnvelope);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
