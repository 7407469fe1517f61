using System.Text.Json;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// What a replica's refusal says it is for. The status alone does not tell: a 404 may be a model that has gone or a route that was never there, a 503 a worker that stops or a deadline of the client's own.
/// <code>{"error":{"message":"...","type":"server_error","param":null,"code":"deadline_exceeded"}}</code>
/// </summary>
internal static class ErrorCode
{
    /// <summary>The replica has not what it should serve.</summary>
    public const string ModelNotFound = "model_not_found";

    /// <summary>Its queue has no place for this caller; those of other projects may find one.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>The request waited for as long as it may.</summary>
    public const string DeadlineExceeded = "deadline_exceeded";

    /// <summary>The model's process ended over this request, and again.</summary>
    public const string EngineDied = "engine_died";

    /// <param name="json">The answer's body, or its beginning.</param>
    /// <returns>Null where it tells none, or a number.</returns>
    public static string? Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var isError = false;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                if (reader.CurrentDepth == 1)
                {
                    isError = reader.ValueTextEquals("error"u8);
                }
                else if (isError && reader.CurrentDepth == 2 && reader.ValueTextEquals("code"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, cut off, or ill-formed UTF-8.
        }

        return null;
    }
}
