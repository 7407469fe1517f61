using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Secrets;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>What webhooks are signed with, after <c>Secrets:Key</c> was changed.</summary>
internal sealed class WebhookReseal(WebhookStore store, MigrationState migrations, CredentialSeal seal, IOptions<SecretsOptions> options, TimeProvider time, ILogger<WebhookReseal> logger)
    : ResealLoop(migrations, seal, options, time, logger)
{
    protected override async Task<IReadOnlyList<SealedText>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListSecretsAsync(cancellationToken)).SelectMany(row => Texts(row))];

    protected override Task<bool> ReplaceAsync(SealedText kept, string anew, CancellationToken cancellationToken) => store.ReplaceSecretAsync(kept.Owner, kept.Text, anew, cancellationToken);

    private static IEnumerable<SealedText> Texts(WebhookSecretRow row) =>
        new[] { row.Secret, row.Previous }.OfType<string>().Select(text => new SealedText(row.Project, WebhookSecrets.Purpose(row.Project), text));
}
