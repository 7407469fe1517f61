using System.Text.RegularExpressions;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Projects;

internal sealed partial class ProjectService(Database database, ProjectStore store, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    private const int DisplayNameLength = 120;

    internal Task<ProjectRow?> FindAsync(string name, CancellationToken cancellationToken) => store.FindAsync(name, cancellationToken);

    internal async Task<Outcome<Page<ProjectResponse>>> ListAsync(InternalIdentity caller, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<ProjectResponse>>();
        }

        // An empty name is no project's, so a caller without a project sees none.
        var only = caller.FactoryWide ? null : (caller.Projects ?? [caller.Project ?? ""]).ToArray();
        var rows = await store.ListAsync(only, after ?? "", limit + 1, cancellationToken);
        return Paging.Page(rows, limit, ToResponse, row => row.Name);
    }

    internal async Task<Outcome<ProjectRow>> CreateAsync(ProjectRequest request, string actor, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.Require(NamePattern().IsMatch(request.Name ?? ""), "name", "A project's name is 1 to 40 lower-case letters, digits and '-', and begins and ends with a letter or digit.");
        Check(errors, request.DisplayName, request.ApprovalPolicy);
        if (errors.Any || request.Name is null)
        {
            return errors.ToOutcome<ProjectRow>();
        }

        var project = new ProjectRow
        {
            Name = request.Name,
            DisplayName = string.IsNullOrWhiteSpace(request.DisplayName) ? request.Name : request.DisplayName.Trim(),
            ApprovalPolicy = request.ApprovalPolicy ?? ApprovalPolicies.Single,
            CreatedBy = actor,
            CreatedAt = time.GetUtcNow(),
        };
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await store.InsertAsync(transaction, project, cancellationToken))
        {
            return new Outcome<ProjectRow>.Conflict($"There is a project '{project.Name}' already.");
        }

        await audit.AppendAsync(transaction, new AuditEntry(project.Name, actor, "project.created", $"project/{project.Name}") { After = ToResponse(project) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return project;
    }

    internal async Task<Outcome<ProjectRow>> UpdateAsync(string name, ProjectPatch patch, InternalIdentity caller, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        Check(errors, patch.DisplayName, patch.ApprovalPolicy);
        if (errors.Any)
        {
            return errors.ToOutcome<ProjectRow>();
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await store.LockAsync(transaction, name, cancellationToken) is not { } before)
        {
            return Outcome<ProjectRow>.Missed("project", name);
        }

        var after = before with
        {
            DisplayName = string.IsNullOrWhiteSpace(patch.DisplayName) ? before.DisplayName : patch.DisplayName.Trim(),
            ApprovalPolicy = patch.ApprovalPolicy ?? before.ApprovalPolicy,
        };
        if (before.ApprovalPolicy == ApprovalPolicies.SecondPerson && after.ApprovalPolicy != before.ApprovalPolicy && !caller.FactoryWide)
        {
            // Or whoever brings a version in would first take the rule away that keeps them from approving it.
            return new Outcome<ProjectRow>.Forbidden("Only a caller of the whole factory may loosen a project's approval policy.");
        }

        await store.UpdateAsync(transaction, after, cancellationToken);
        await audit.AppendAsync(
            transaction,
            new AuditEntry(name, caller.Subject, "project.updated", $"project/{name}") { Before = ToResponse(before), After = ToResponse(after) },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return after;
    }

    internal static ProjectResponse ToResponse(ProjectRow row) => new(row.Name, row.DisplayName, row.ApprovalPolicy, row.CreatedAt);

    private static void Check(FieldErrors errors, string? displayName, string? policy)
    {
        errors.Require(displayName is null || displayName.Length <= DisplayNameLength, "displayName", $"At most {DisplayNameLength} characters.");
        errors.Require(
            policy is null || ApprovalPolicies.IsKnown(policy),
            "approvalPolicy",
            $"Use '{ApprovalPolicies.Single}' or '{ApprovalPolicies.SecondPerson}'.");
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
