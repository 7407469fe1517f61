using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Limits;

/// <summary>Keeps the limits that gateways enforce. A project that is null stands for the whole factory.</summary>
internal sealed class LimitService(Database database, LimitStore limits, KeyStore keys, ProjectStore projects, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    internal async Task<Outcome<Page<LimitResponse>>> ListAsync(string? project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var most))
        {
            return Paging.BadLimit<Page<LimitResponse>>();
        }

        var rows = await limits.ListAsync(project, after ?? "", most + 1, cancellationToken);
        return Paging.Page(rows, most, LimitMapping.ToResponse, row => row.Name);
    }

    internal async Task<Outcome<LimitResponse>> FindAsync(string? project, string name, CancellationToken cancellationToken) =>
        await limits.FindAsync(project, name, cancellationToken) is { } row ? LimitMapping.ToResponse(row) : Outcome<LimitResponse>.Missed("limit", name);

    internal async Task<Outcome<LimitResponse>> CreateAsync(string? project, LimitRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        if (LimitValidation.Check(request, project) is { Any: true } errors)
        {
            return errors.ToOutcome<LimitResponse>();
        }

        if (Refusal(project, request.Scope, caller) is { } refusal)
        {
            return new Outcome<LimitResponse>.Forbidden(refusal);
        }

        var now = time.GetUtcNow();
        var limit = new LimitRow
        {
            Id = Guid.CreateVersion7(now),
            Project = project,
            Name = request.Name,
            Scope = request.Scope,
            Owner = request.Scope == LimitScopes.Key && request.Owner is { } key ? Guid.Parse(key).ToString() : request.Owner,
            Model = request.Model,
            Measure = request.Measure,
            Period = request.Period,
            Amount = request.Amount,
            CreatedBy = caller.Subject,
            UpdatedBy = caller.Subject,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await MissingOwnerAsync(transaction, limit, cancellationToken) is { } missing)
        {
            return FieldErrors.Of<LimitResponse>("owner", missing);
        }

        if (await limits.CountAsync(transaction, project, cancellationToken) >= LimitValidation.Most)
        {
            return new Outcome<LimitResponse>.Conflict($"There are {LimitValidation.Most} limits already, and every request is held against each: delete one first.");
        }

        if (!await limits.InsertAsync(transaction, limit, cancellationToken))
        {
            return new Outcome<LimitResponse>.Conflict($"There is a limit '{limit.Name}' already; change it with PUT.");
        }

        return await CommitAsync(transaction, "limit.created", caller, before: null, limit, cancellationToken);
    }

    internal async Task<Outcome<LimitResponse>> UpdateAsync(string? project, string name, LimitRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        if (LimitValidation.Check(request, project) is { Any: true } errors)
        {
            return errors.ToOutcome<LimitResponse>();
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await limits.LockAsync(transaction, project, name, cancellationToken) is not { } before)
        {
            return Outcome<LimitResponse>.Missed("limit", name);
        }

        if (Refusal(project, before.Scope, caller) is { } refusal)
        {
            return new Outcome<LimitResponse>.Forbidden(refusal);
        }

        if (LimitValidation.CheckChange(before, request) is { Any: true } changes)
        {
            return changes.ToOutcome<LimitResponse>();
        }

        var after = before with { Amount = request.Amount, UpdatedBy = caller.Subject, UpdatedAt = time.GetUtcNow() };
        await limits.UpdateAsync(transaction, after, cancellationToken);
        return await CommitAsync(transaction, "limit.updated", caller, before, after, cancellationToken);
    }

    internal async Task<Outcome<LimitResponse>> DeleteAsync(string? project, string name, InternalIdentity caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await limits.LockAsync(transaction, project, name, cancellationToken) is not { } before)
        {
            return Outcome<LimitResponse>.Missed("limit", name);
        }

        if (Refusal(project, before.Scope, caller) is { } refusal)
        {
            return new Outcome<LimitResponse>.Forbidden(refusal);
        }

        await limits.DeleteAsync(transaction, before.Id, cancellationToken);
        return await CommitAsync(transaction, "limit.deleted", caller, before, after: null, cancellationToken);
    }

    /// <summary>What the factory gives a project is not the project's to change: its own admins divide it among keys and users. Null when the caller may.</summary>
    private static string? Refusal(string? project, string scope, InternalIdentity caller) =>
        project is not null && scope == LimitScopes.Project && !caller.FactoryWide
            ? "Only a caller of the whole factory may set what a project as a whole may use; an admin of the project limits its keys and users."
            : null;

    private async Task<string?> MissingOwnerAsync(DatabaseTransaction transaction, LimitRow limit, CancellationToken cancellationToken)
    {
        switch (limit)
        {
            case { Scope: LimitScopes.Key, Owner: { } id }:
                var key = await keys.FindAsync(transaction, Guid.Parse(id), cancellationToken);
                return key is null || (limit.Project is not null && key.Project != limit.Project) ? $"There is no key '{id}' here." : null;
            case { Scope: LimitScopes.Project, Owner: { } name }:
                return await projects.FindAsync(transaction, name, cancellationToken) is null ? $"There is no project '{name}'." : null;
            default:
                return null;
        }
    }

    private async Task<Outcome<LimitResponse>> CommitAsync(
        DatabaseTransaction transaction, string action, InternalIdentity caller, LimitRow? before, LimitRow? after, CancellationToken cancellationToken)
    {
        var limit = after ?? before ?? throw new InvalidOperationException("An act is about a limit.");
        await audit.AppendAsync(
            transaction,
            new AuditEntry(limit.Project, caller.Subject, action, $"limit/{limit.Name}")
            {
                Before = before is null ? null : LimitMapping.ToResponse(before),
                After = after is null ? null : LimitMapping.ToResponse(after),
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return LimitMapping.ToResponse(limit);
    }
}
