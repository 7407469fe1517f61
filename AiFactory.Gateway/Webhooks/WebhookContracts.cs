using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Webhooks;

/// <param name="Secret">Shown once: <c>whsec_</c> and Base64.</param>
/// <param name="PreviousUntil">Until then messages are signed with the secret before this one too; null where there was none.</param>
internal sealed record WebhookSecretCreated(string Secret, DateTimeOffset CreatedAt, DateTimeOffset? PreviousUntil);

internal sealed record WebhookSecretResponse(DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? PreviousUntil);

/// <param name="State"><c>waiting</c>, <c>delivered</c> or <c>parked</c>: given up, until somebody has it tried anew.</param>
/// <param name="About">The job or batch.</param>
internal sealed record WebhookMessageResponse(
    string Id, string Type, string Url, string State, int Attempts, DateTimeOffset? NextAt, int? LastStatus, string? LastError, string About, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt)
{
    public static WebhookMessageResponse From(WebhookMessageRow row) => new(
        PublicId.Of(PublicId.Message, row.Id), row.Type, row.Url, row.State, row.Attempts, row.State == WebhookMessageRow.Waiting ? row.NextAt : null, row.LastStatus, row.LastError,
        PublicId.Of(row.Type.StartsWith("job.", StringComparison.Ordinal) ? PublicId.Job : PublicId.Batch, row.BatchId), row.CreatedAt, row.EndedAt);
}

internal sealed record WebhookMessagePage(IReadOnlyList<WebhookMessageResponse> Items, string? Next);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WebhookSecretCreated))]
[JsonSerializable(typeof(WebhookSecretResponse))]
[JsonSerializable(typeof(WebhookMessagePage))]
internal sealed partial class WebhookJson : JsonSerializerContext;
