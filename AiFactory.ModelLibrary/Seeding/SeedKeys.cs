using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.ModelLibrary.Seeding;

/// <summary>The admin key that the settings bring. There is one: another one takes its place and the former is revoked.</summary>
internal sealed class SeedKeys(LibraryDatabase database, KeyStore store, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    internal async Task EnsureAsync(string project, string secret, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hash = KeySecrets.Hash(secret);
        await using var transaction = await database.BeginAsync(cancellationToken);
        var current = await store.ListSeededAsync(transaction, cancellationToken);
        if (current is [var only] && only.Hash == hash)
        {
            return;
        }

        foreach (var former in current.Where(key => key.Hash != hash))
        {
            await store.RevokeAsync(transaction, former.Id, actor, now, cancellationToken);
            await audit.AppendAsync(
                transaction,
                new AuditEntry(former.Project, actor, "key.revoked", $"key/{former.Id}") { Before = KeyService.ToResponse(former), Reason = "The settings bring another admin key." },
                cancellationToken);
        }

        if (current.All(key => key.Hash != hash))
        {
            await StoreAsync(transaction, project, secret, hash, actor, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
    }

    private async Task StoreAsync(
        LibraryTransaction transaction, string project, string secret, string hash, string actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = new KeyRow
        {
            Id = Guid.CreateVersion7(now),
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
        var isNew = await store.InsertAsync(transaction, key, cancellationToken);
        if (!isNew)
        {
            await store.RestoreSeededAsync(transaction, hash, cancellationToken);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(project, actor, isNew ? "key.created" : "key.restored", $"key/{key.Prefix}") { After = KeyService.ToResponse(key) },
            cancellationToken);
    }
}
