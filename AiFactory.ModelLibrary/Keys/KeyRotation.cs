using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Keys;

/// <summary>Puts a new key in the place of one that programs use: both are valid for a while, so that no request is refused while they change over.</summary>
internal sealed class KeyRotation(Database database, KeyStore store, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    private const string Replaced = "Another key came in this one's place already. If its secret was lost, rotate that key.";

    private static readonly TimeSpan Overlap = TimeSpan.FromHours(24);
    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    internal async Task<Outcome<ApiKeyCreated>> RotateAsync(
        string project, Guid id, KeyRotationRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var errors = new FieldErrors();
        errors.Require(
            request.OverlapSeconds is null || (request.OverlapSeconds >= 0 && request.OverlapSeconds <= LongestOverlap.TotalSeconds),
            "overlapSeconds",
            $"The overlap is 0 to {LongestOverlap.TotalSeconds:0} seconds ({LongestOverlap.TotalDays:0} days).");
        errors.Require(request.ExpiresAt is null || request.ExpiresAt > now, "expiresAt", "The expiry must lie in the future.");
        if (errors.Any)
        {
            return errors.ToOutcome<ApiKeyCreated>();
        }

        // 1. Whether this caller may, and this key can.
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await store.LockAsync(transaction, project, id, cancellationToken) is not { } former)
        {
            return Outcome<ApiKeyCreated>.Missed("key", id);
        }

        if (KeyService.Refusal(caller, former.Roles, former.FactoryWide) is { } refusal)
        {
            return new Outcome<ApiKeyCreated>.Forbidden(refusal);
        }

        if (Obstacle(former, now) is { } obstacle)
        {
            return new Outcome<ApiKeyCreated>.Conflict(obstacle);
        }

        // 2. The successor: what the former is, under another secret.
        var secret = KeySecrets.Create();
        var successor = former with
        {
            Id = Guid.CreateVersion7(now),
            Prefix = KeySecrets.Prefix(secret),
            Hash = KeySecrets.Hash(secret),
            CreatedBy = caller.Subject,
            CreatedAt = now,
            ExpiresAt = request.ExpiresAt ?? former.ExpiresAt,
            Replaces = former.Id,
        };
        if (!await store.InsertAsync(transaction, successor, cancellationToken))
        {
            return new Outcome<ApiKeyCreated>.Conflict(Replaced);
        }

        // 3. The former's end, which a rotation never puts off.
        var overlap = request.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Overlap;
        var ending = await EndAsync(transaction, former with { ReplacedBy = successor.Id }, caller.Subject, now, overlap, cancellationToken);
        await audit.AppendAsync(
            transaction,
            new AuditEntry(project, caller.Subject, "key.rotated", $"key/{id}") { Before = KeyService.ToResponse(ending), After = KeyService.ToResponse(successor) },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return new ApiKeyCreated(KeyService.ToResponse(successor), secret) { Replaced = KeyService.ToResponse(ending) };
    }

    private static string? Obstacle(KeyRow key, DateTimeOffset now) => key switch
    {
        { Seeded: true } => "The settings brought this key (Seed:AdminKey): it is changed there.",
        { RevokedAt: not null } => "This key is revoked. Create a new one.",
        { ExpiresAt: { } end } when end <= now => "This key has expired. Create a new one.",
        { ReplacedBy: not null } => Replaced,
        _ => null,
    };

    private async Task<KeyRow> EndAsync(DatabaseTransaction transaction, KeyRow former, string by, DateTimeOffset now, TimeSpan overlap, CancellationToken cancellationToken)
    {
        if (overlap == TimeSpan.Zero)
        {
            await store.RevokeAsync(transaction, former.Id, by, now, cancellationToken);
            return former with { RevokedAt = now, RevokedBy = by };
        }

        var end = now + overlap;
        if (former.ExpiresAt <= end)
        {
            return former;
        }

        await store.ExpireAsync(transaction, former.Id, end, cancellationToken);
        return former with { ExpiresAt = end };
    }
}
