using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Secrets;
using AiFactory.ServiceDefaults.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>The credentials of upstreams, after <c>Secrets:Key</c> was changed.</summary>
internal sealed class CredentialReseal(
    UpstreamStore upstreams, LibrarySignals signals, MigrationState migrations, CredentialSeal seal, IOptions<SecretsOptions> options, TimeProvider time, ILogger<CredentialReseal> logger)
    : ResealLoop(migrations, seal, options, time, logger)
{
    protected override async Task<IReadOnlyList<SealedText>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await upstreams.ListSealedAsync(cancellationToken)).Select(row => new SealedText($"{row.Id}", UpstreamPurpose.Of(row.Id, new Uri(row.BaseUrl)), row.Credential ?? ""))];

    protected override async Task<bool> ReplaceAsync(SealedText kept, string anew, CancellationToken cancellationToken)
    {
        var replaced = await upstreams.ReplaceCredentialAsync(Guid.Parse(kept.Owner), kept.Text, anew, cancellationToken);
        if (replaced)
        {
            signals.Publish.Raise();
        }

        return replaced;
    }
}
