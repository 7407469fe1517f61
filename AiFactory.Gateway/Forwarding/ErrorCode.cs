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

    /// <summary>In place of a code: it is what was asked that a service's moderation does not let pass.</summary>
    public const string PromptRefused = "prompt_refused";

    /// <summary>What services call it, in <c>code</c> or <c>type</c>.</summary>
    private static readonly string[] OfPrompts =
        ["content_policy_violation", "content_filter", "content_filtered", "content_moderation", "moderation", "moderation_blocked", "moderation_error", "prompt_blocked", "responsible_ai_policy_violation", "responsibleaipolicyviolation"];

    /// <summary>What says so without a code: OpenRouter's <c>{"error":{"code":403,"message":"...","metadata":{"reasons":["violence"],"flagged_input":"..."}}}</c>.</summary>
    private static readonly string[] MarksOfPrompts = ["reasons", "flagged_input"];

    /// <param name="json">The answer's body, or its beginning.</param>
    /// <returns>Null where it tells none, or a number.</returns>
    public static string? Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var (isError, isMetadata) = (false, false);
        string? code = null;
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
                else if (isError && reader.CurrentDepth == 2)
                {
                    isMetadata = reader.ValueTextEquals("metadata"u8);
                    var isCode = reader.ValueTextEquals("code"u8);
                    if ((isCode || reader.ValueTextEquals("type"u8)) && reader.Read() && reader.TokenType == JsonTokenType.String)
                    {
                        var text = reader.GetString();
                        code = OfPrompts.Contains(text, StringComparer.OrdinalIgnoreCase) ? PromptRefused : isCode ? code ?? text : code;
                    }
                }
                else if (isMetadata && reader.CurrentDepth == 3 && MarksOfPrompts.Contains(reader.GetString(), StringComparer.Ordinal))
                {
                    code = PromptRefused;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, cut off, or ill-formed UTF-8: what was read counts.
        }

        return code;
    }
}
