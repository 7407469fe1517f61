using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Seeding;

/// <summary>
/// The admin key that the settings bring. There is one: another one takes its place and the former is revoked. What the settings revoked they give back
/// when they name it again; what a person revoked stays revoked.
/// </summary>
internal sealed partial class SeedKeys(
    Database database, KeyStore store, AuditLog audit, LibrarySignals signals, TimeProvider time, ILogger<SeedKeys> logger)
{
    internal async Task EnsureAsync(string project, string secret, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hash = KeySecrets.Hash(secret);
        await using var transaction = await database.BeginAsync(cancellationToken);
        var known = await store.ListSeededAsync(transaction, hash, cancellationToken);
        var named = known.FirstOrDefault(key => key.Hash == hash);
        if (named is { RevokedAt: null } && known.Count == 1)
        {
            return;
        }

        foreach (var former in known.Where(key => key.Hash != hash))
        {
            await store.RevokeAsync(transaction, former.Id, actor, now, cancellationToken);
            await audit.AppendAsync(
                transaction,
                new AuditEntry(former.Project, actor, "key.revoked", $"key/{former.Id}") { Before = KeyService.ToResponse(former), Reason = "The settings bring another admin key." },
                cancellationToken);
        }

        if (named is null)
        {
            await AddAsync(transaction, project, secret, hash, actor, now, cancellationToken);
        }
        else if (named.RevokedBy == actor)
        {
            await store.RestoreSeededAsync(transaction, named.Id, actor, cancellationToken);
            await audit.AppendAsync(
                transaction,
                new AuditEntry(named.Project, actor, "key.restored", $"key/{named.Id}") { Before = KeyService.ToResponse(named), Reason = "The settings name it again." },
                cancellationToken);
        }
        else if (named.RevokedAt is not null)
        {
            LogRevoked(logger, named.Prefix, named.RevokedBy ?? "somebody");
        }

        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
    }

    private async Task AddAsync(
        DatabaseTransaction transaction, string project, string secret, string hash, string actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(now);
        var key = new KeyRow
        {
            Id = id,
            Family = id,
            Project = project,
            Name = "admin (from the settings)",
            Prefix = KeySecrets.Prefix(secret),
            Hash = hash,
            Roles = [Roles.Admin],
            FactoryWide = true,
            Seeded = true,
            CreatedBy = actor,
            CreatedAt = now,
        };
        if (await store.InsertAsync(transaction, key, cancellationToken))
        {
            await audit.AppendAsync(transaction, new AuditEntry(project, actor, "key.created", $"key/{key.Id}") { After = KeyService.ToResponse(key) }, cancellationToken);
        }
    }

    [LoggerMessage(2503, LogLevel.Warning, "The admin key {Prefix} of the settings was revoked by {Revoker} and stays revoked; give Seed:AdminKey another value")]
    private static partial void LogRevoked(ILogger logger, string prefix, string revoker);
}
