using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Secrets;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>What the messages of each project are signed with.</summary>
internal sealed class WebhookSecrets(WebhookStore store, CredentialSeal seal, AuditTrail audit, IOptions<WebhookOptions> options, TimeProvider time)
{
    internal static string Purpose(string project) => $"webhooks of {project}";

    public async Task<bool> HasAsync(string project, CancellationToken cancellationToken) => await store.FindSecretAsync(project, cancellationToken) is not null;

    public async Task<WebhookSecretResponse?> FindAsync(string project, CancellationToken cancellationToken) =>
        await store.FindSecretAsync(project, cancellationToken) is { } row ? new WebhookSecretResponse(row.CreatedAt, row.CreatedBy, PreviousUntil(row)) : null;

    /// <summary>A new one, which nobody sees again.</summary>
    public async Task<WebhookSecretCreated> RotateAsync(WorkCaller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var secret = WebhookSignature.NewSecret();
        await store.RotateAsync(caller.Project, seal.Seal(secret, Purpose(caller.Project)), now + options.Value.RotationOverlap, now, caller.Subject, cancellationToken);
        audit.Add(caller.Caller.Identity, AuditTrail.WebhookSecretRotated, "/api/webhooks/secret");
        var row = await store.FindSecretAsync(caller.Project, cancellationToken);
        return new WebhookSecretCreated(secret, now, row is null ? null : PreviousUntil(row));
    }

    /// <summary>Those in force, the newest first; none where they do not open.</summary>
    public async Task<IReadOnlyList<string>> InForceAsync(string project, CancellationToken cancellationToken)
    {
        if (await store.FindSecretAsync(project, cancellationToken) is not { } row || !seal.TryOpen(row.Secret, Purpose(project), out var secret, out _))
        {
            return [];
        }

        return row.Previous is { } previous && PreviousUntil(row) is not null && seal.TryOpen(previous, Purpose(project), out var before, out _) ? [secret, before] : [secret];
    }

    private DateTimeOffset? PreviousUntil(WebhookSecretRow row) => row.PreviousUntil is { } until && until > time.GetUtcNow() ? until : null;
}
