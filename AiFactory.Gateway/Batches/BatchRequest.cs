using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Batches;

/// <summary><c>{"input_file_id":"file-0197...","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":{"for":"evaluation"}}</c></summary>
internal sealed record BatchRequest(Guid InputFile, string InputFileId, string Endpoint, string CompletionWindow, TimeSpan Window, string? Metadata, int? OutputExpiresSeconds, string? Webhook)
{
    private const int MostPairs = 16;
    private const int LongestKey = 64;
    private const int LongestValue = 512;

    public static OpenAIError? Read(JsonElement root, out BatchRequest? request)
    {
        request = null;
        if (Text(root, "input_file_id") is not { } file)
        {
            return BatchErrors.Missing("input_file_id");
        }

        if (Text(root, "endpoint") is not { } endpoint)
        {
            return BatchErrors.Missing("endpoint");
        }

        if (BatchEndpoints.Find(endpoint) is null)
        {
            return BatchErrors.Bad("endpoint", $"'endpoint' must be one of {BatchEndpoints.Names}.");
        }

        if (Text(root, "completion_window") is not { } window)
        {
            return BatchErrors.Missing("completion_window");
        }

        if (Batches.CompletionWindow.Parse(window) is not { } length)
        {
            return BatchErrors.Bad("completion_window", Batches.CompletionWindow.Complaint);
        }

        if (ReadMetadata(root, out var metadata) is { } badMetadata)
        {
            return badMetadata;
        }

        if (ReadOutputExpiry(root, out var seconds) is { } badExpiry)
        {
            return badExpiry;
        }

        if (ReadWebhook(root, out var webhook) is { } badWebhook)
        {
            return badWebhook;
        }

        // An id of another form is the id of no file.
        request = new BatchRequest(PublicId.TryParse(PublicId.File, file, out var id) ? id : Guid.Empty, file, endpoint, window, length, metadata, seconds, webhook);
        return null;
    }

    /// <summary>Up to 16 texts by name, as JSON.</summary>
    public static OpenAIError? ReadMetadata(JsonElement root, out string? metadata)
    {
        metadata = null;
        if (!root.TryGetProperty("metadata"u8, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.Object
            || given.GetPropertyCount() > MostPairs
            || given.EnumerateObject().Any(pair => pair.Name.Length > LongestKey || pair.Value.ValueKind != JsonValueKind.String || pair.Value.GetString()?.Length > LongestValue))
        {
            return BatchErrors.Bad("metadata", $"'metadata' must be an object of at most {MostPairs} texts, with names of at most {LongestKey} characters and values of at most {LongestValue}.");
        }

        // The database takes no character 0.
        metadata = given.GetRawText();
        return metadata.Contains("\\u0000", StringComparison.Ordinal) ? BatchErrors.Bad("metadata", "'metadata' must not have the character 0.") : null;
    }

    /// <summary>Where to tell of the end; not OpenAI's, whose webhooks are of a whole project. Whether it may be called is looked at later.</summary>
    public static OpenAIError? ReadWebhook(JsonElement root, out string? webhook)
    {
        webhook = null;
        if (!root.TryGetProperty("webhook"u8, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        webhook = Text(root, "webhook");
        return webhook is null ? BatchErrors.Bad("webhook", "'webhook' must be an address.") : null;
    }

    public static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static OpenAIError? ReadOutputExpiry(JsonElement root, out int? seconds)
    {
        seconds = null;
        if (!root.TryGetProperty("output_expires_after"u8, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.Object || Text(given, "anchor") != "created_at"
            || !given.TryGetProperty("seconds"u8, out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var after) || after is < 3600 or > 2_592_000)
        {
            return BatchErrors.Bad("output_expires_after", "'output_expires_after' needs the anchor 'created_at' and 3600 to 2592000 seconds.");
        }

        seconds = after;
        return null;
    }
}
