using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Keys;

internal sealed class KeyService(Database database, KeyStore store, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    private const int NameLength = 100;

    internal async Task<Outcome<Page<ApiKeyResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<ApiKeyResponse>>();
        }

        if (!Cursors.TryId(after, out var id))
        {
            return Paging.BadAfter<Page<ApiKeyResponse>>();
        }

        var rows = await store.ListAsync(project, id, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, ToResponse, row => row.Id.ToString());
    }

    internal async Task<Outcome<ApiKeyCreated>> CreateAsync(string project, ApiKeyRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var roles = (request.Roles is { Count: > 0 } asked ? asked : [Roles.Developer]).Distinct(StringComparer.Ordinal).ToArray();
        if (Validate(request, roles, now) is { Any: true } errors)
        {
            return errors.ToOutcome<ApiKeyCreated>();
        }

        if (Refusal(caller, roles, request.FactoryWide) is { } refusal)
        {
            return new Outcome<ApiKeyCreated>.Forbidden(refusal);
        }

        var secret = KeySecrets.Create();
        var id = Guid.CreateVersion7(now);
        var key = new KeyRow
        {
            Id = id,
            Family = id,
            Project = project,
            Name = request.Name.Trim(),
            Prefix = KeySecrets.Prefix(secret),
            Hash = KeySecrets.Hash(secret),
            Roles = roles,
            FactoryWide = request.FactoryWide,
            Seeded = false,
            CreatedBy = caller.Subject,
            CreatedAt = now,
            ExpiresAt = request.ExpiresAt,
            Scope = KeyScopes.ToJson(request.Scope),
        };
        await using var transaction = await database.BeginAsync(cancellationToken);
        await store.InsertAsync(transaction, key, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(project, caller.Subject, "key.created", $"key/{key.Id}") { After = ToResponse(key) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return new ApiKeyCreated(ToResponse(key), secret);
    }

    /// <summary>Revoking twice is fine: the first time stands.</summary>
    internal async Task<Outcome<KeyRow>> RevokeAsync(string project, Guid id, InternalIdentity caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await store.LockAsync(transaction, project, id, cancellationToken) is not { } key)
        {
            return Outcome<KeyRow>.Missed("key", id);
        }

        // Who could not have made a key may not take it away either, or a developer could lock the admin out.
        if (Refusal(caller, key.Roles, key.FactoryWide) is { } refusal)
        {
            return new Outcome<KeyRow>.Forbidden(refusal);
        }

        if (key.RevokedAt is not null)
        {
            return key;
        }

        await store.RevokeAsync(transaction, id, caller.Subject, time.GetUtcNow(), cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(project, caller.Subject, "key.revoked", $"key/{id}") { Before = ToResponse(key) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return key;
    }

    internal static ApiKeyResponse ToResponse(KeyRow row) => new(
        row.Id, row.Project, row.Name, row.Prefix, row.Roles, row.FactoryWide, row.CreatedBy, row.CreatedAt, row.ExpiresAt, row.RevokedAt)
    {
        Scope = KeyScopes.Read(row.Scope),
        Replaces = row.Replaces,
        ReplacedBy = row.ReplacedBy,
    };

    /// <summary>Why the caller may not hand out, or take away, these roles: it lacks one of their permissions itself. Null when it may.</summary>
    internal static string? Refusal(InternalIdentity caller, string[] roles, bool factoryWide)
    {
        if (factoryWide && !(caller.FactoryWide && caller.Has(Permissions.ProjectsWrite)))
        {
            return "Only an admin of the whole factory may give or take keys that hold in every project.";
        }

        var lacking = RolePermissions.For(roles).Where(permission => !caller.Has(permission)).ToList();
        return lacking.Count == 0
            ? null
            : $"Nobody may give or take more than they have: the roles {string.Join(", ", roles)} include {string.Join(", ", lacking)}.";
    }

    private static FieldErrors Validate(ApiKeyRequest request, string[] roles, DateTimeOffset now)
    {
        var errors = new FieldErrors();
        errors.Require(request.Name?.Trim() is { Length: > 0 and <= NameLength }, "name", $"A key needs a name of 1 to {NameLength} characters.");
        errors.Require(request.ExpiresAt is null || request.ExpiresAt > now, "expiresAt", "The expiry must lie in the future.");
        foreach (var role in roles.Where(role => !RolePermissions.Assignable.Contains(role, StringComparer.Ordinal)))
        {
            errors.Add("roles", $"There is no role '{role}'; use {string.Join(", ", RolePermissions.Assignable)}.");
        }

        KeyScopes.Check(request.Scope, roles, errors);

        return errors;
    }
}
