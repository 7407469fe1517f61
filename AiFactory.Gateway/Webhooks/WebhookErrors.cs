using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Webhooks;

internal static class WebhookErrors
{
    private const string Invalid = "invalid_request_error";

    public static OpenAIError Bad(string complaint) => OpenAIError.Of(400, complaint, Invalid, "webhook", "invalid_webhook");

    public static OpenAIError NoSecret { get; } = OpenAIError.Of(
        409, "The project has no secret that its webhooks could be signed with: make one first (POST /api/webhooks/secret).", Invalid, "webhook", "webhook_secret_missing");

    public static OpenAIError NoSuchSecret { get; } = OpenAIError.Of(404, "The project has no secret for webhooks.", Invalid, code: "webhook_secret_missing");

    public static OpenAIError NotFound(string id) => OpenAIError.Of(404, $"There is no webhook message '{id}' that was delivered or parked.", Invalid, code: "webhook_message_not_found");

    public static OpenAIError BadState { get; } = OpenAIError.Of(400, "'state' must be waiting, delivered or parked.", Invalid, "state", "invalid_value");
}
