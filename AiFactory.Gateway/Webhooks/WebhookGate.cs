using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Webhooks;

/// <summary>Whether what is asked for can be told by webhook.</summary>
internal sealed class WebhookGate(WebhookUrl urls, WebhookSecrets secrets)
{
    /// <param name="url">Null where nobody wants to be told.</param>
    public async Task<OpenAIError?> CheckAsync(string project, string? url, CancellationToken cancellationToken)
    {
        if (url is null)
        {
            return null;
        }

        if (urls.Complaint(url) is { } complaint)
        {
            return WebhookErrors.Bad(complaint);
        }

        return await secrets.HasAsync(project, cancellationToken) ? null : WebhookErrors.NoSecret;
    }
}
