using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Guardrails;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Guardrails;

/// <summary>Keeps the rules of each level. What they say of a request is the gateway's to find out.</summary>
internal sealed class GuardrailService(Database database, GuardrailStore store, DeploymentStore deployments, JudgeCheck judges, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    /// <summary>An empty policy where none was saved.</summary>
    internal async Task<GuardrailPolicyResponse> FindAsync(string? project, string? deployment, CancellationToken cancellationToken) =>
        await store.FindAsync(project, deployment, cancellationToken) is { } row ? ToResponse(row) : new GuardrailPolicyResponse(project, deployment, 0, [], null, null);

    internal async Task<IReadOnlyList<GuardrailRoute>> RoutesAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(cancellationToken)).Select(row => new GuardrailRoute(row.Project, row.Deployment, row.Version, row.Read()))];

    internal async Task<Outcome<GuardrailPolicyResponse>> SaveAsync(
        string? project, string? deployment, GuardrailPolicyRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        GuardrailRules.Check(request.Rules, errors);
        if (errors.Any)
        {
            return errors.ToOutcome<GuardrailPolicyResponse>();
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        var before = await store.LockAsync(transaction, project, deployment, cancellationToken);
        if (before is null && project is not null && deployment is not null && await deployments.FindAsync(project, deployment, cancellationToken) is null)
        {
            return Outcome<GuardrailPolicyResponse>.Missed("deployment", deployment);
        }

        var version = before?.Version ?? 0;
        if (request.BaseVersion is { } seen && seen != version)
        {
            return Overtaken(version);
        }

        var (rules, refused) = await judges.CheckAsync(transaction, project, request.Rules, before?.Read() ?? [], caller, errors, cancellationToken);
        if (refused is not null)
        {
            return refused;
        }

        if (errors.Any)
        {
            return errors.ToOutcome<GuardrailPolicyResponse>();
        }

        var after = new GuardrailRow
        {
            Project = project,
            Deployment = deployment,
            Version = version + 1,
            Rules = GuardrailRow.ToJson(rules),
            UpdatedBy = caller.Subject,
            UpdatedAt = time.GetUtcNow(),
        };
        if (!await store.SaveAsync(transaction, after, cancellationToken))
        {
            return Overtaken(version);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(project, caller.Subject, "guardrails.updated", deployment is null ? "guardrails" : $"guardrails/{deployment}") { Before = before?.Read(), After = rules },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return ToResponse(after);
    }

    private static Outcome<GuardrailPolicyResponse> Overtaken(int version) =>
        new Outcome<GuardrailPolicyResponse>.Conflict($"The rules were saved by someone else meanwhile; the newest version is {version}. Read them anew, and save what you want of them.");

    private static GuardrailPolicyResponse ToResponse(GuardrailRow row) => new(row.Project, row.Deployment, row.Version, row.Read(), row.UpdatedBy, row.UpdatedAt);
}
