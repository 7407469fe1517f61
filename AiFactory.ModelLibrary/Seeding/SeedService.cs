using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Approvals;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Sources.Directories;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Seeding;

/// <summary>
/// Brings the factory to its first useful state, through the same services and rules that people use. Every step looks first and does only what is
/// missing, so it runs at each start. What a person took away stays away: the seed deletes nothing, so whatever was deleted was deleted by a person.
/// </summary>
internal sealed class SeedService(
    ProjectService projects,
    SeedKeys keys,
    SourceService sources,
    SourceStore sourceStore,
    ModelStore models,
    VersionStore versions,
    ApprovalService approvals,
    DeploymentStore deploymentStore,
    DeploymentService deployments,
    AuditStore audit,
    IOptions<SeedOptions> options)
{
    /// <summary>The seed policy as an actor: what it approved was approved by the settings and by no person.</summary>
    internal const string Policy = "policy:seed";

    private const string SourceName = "seed";

    private static readonly InternalIdentity Identity = InternalIdentity.WithRoles(Policy, project: null, factoryWide: true, [Roles.Admin]);

    /// <summary>One pass. Answers what it still waits for; nothing when all is done.</summary>
    internal async Task<IReadOnlyList<string>> RunOnceAsync(CancellationToken cancellationToken)
    {
        var seed = options.Value;
        if (await projects.FindAsync(seed.Project, cancellationToken) is null)
        {
            await projects.CreateAsync(new ProjectRequest(seed.Project, null, null), Policy, cancellationToken);
        }

        if (seed.AdminKey is { Length: > 0 } key)
        {
            await keys.EnsureAsync(seed.Project, key, Policy, cancellationToken);
        }

        var waits = new List<string>();
        var source = seed.ModelsDirectory is { Length: > 0 } directory ? await EnsureSourceAsync(directory, waits, cancellationToken) : null;
        foreach (var deployment in seed.Deployments)
        {
            if (await DeployAsync(source, deployment, cancellationToken) is { } wait)
            {
                waits.Add(wait);
            }
        }

        return waits;
    }

    private async Task<SourceRow?> EnsureSourceAsync(string directory, List<string> waits, CancellationToken cancellationToken)
    {
        var project = options.Value.Project;
        var location = Path.GetFullPath(directory);
        var source = await sourceStore.FindByNameAsync(project, SourceName, cancellationToken);
        if (source is not null && (source.Location == location || source.ChangedBy != Policy))
        {
            // A person who pointed it elsewhere meant it.
            return source;
        }

        if (source is null && await sourceStore.WasDeletedAsync(project, SourceName, Policy, cancellationToken))
        {
            return null;
        }

        // The repository was moved, or this is the first start.
        var request = new SourceRequest(SourceName, DirectoryConnector.DirectoryKind, location, source?.NamePattern, source?.TagFilter, source?.Enabled ?? true);
        var outcome = source is null
            ? await sources.CreateAsync(project, request, Policy, cancellationToken)
            : await sources.UpdateAsync(project, source.Id, request, Policy, cancellationToken);
        if (outcome is Outcome<SourceRow>.Done { Value: var done })
        {
            return done;
        }

        waits.Add($"The source of {location} cannot be made: {Describe(outcome)}");
        return null;
    }

    /// <summary>Why the deployment is not there yet; null when it is.</summary>
    private async Task<string?> DeployAsync(SourceRow? source, SeedDeployment seed, CancellationToken cancellationToken)
    {
        var project = options.Value.Project;
        var existing = await deploymentStore.FindAsync(project, seed.Name, cancellationToken);
        if (existing is not null && existing.UpdatedBy != Policy)
        {
            // A person has changed it since: it is theirs.
            return null;
        }

        if (existing is null && await audit.AnyAsync(project, "deployment.deleted", $"deployment/{seed.Name}", cancellationToken))
        {
            return null;
        }

        if (await models.FindAsync(project, seed.Model, cancellationToken) is not { } model)
        {
            return existing is null ? $"Deployment {seed.Name} waits for model {seed.Model}, which no sync has found yet." : null;
        }

        var version = (await versions.ListAsync([model.Id], cancellationToken)).FirstOrDefault(version => source is null || version.SourceId == source.Id);
        switch (version?.State)
        {
            case ModelVersionStates.PendingApproval:
                await approvals.DecideAsync(project, version.Id, new ApprovalRequest("approve", "Approved by the seed policy: the model is named in Seed:Deployments."), Policy, cancellationToken);
                break;
            case ModelVersionStates.Approved:
                break;
            case ModelVersionStates.Quarantined or ModelVersionStates.Rejected or ModelVersionStates.Failed or ModelVersionStates.Revoked:
                return existing is null ? $"Deployment {seed.Name} cannot be made: version {version.Version} of {seed.Model} is {version.State}: {version.Reason}" : null;
            default:
                return $"Deployment {seed.Name} waits for {seed.Model}, which is {version?.State ?? "not in the source"}.";
        }

        if (existing?.VersionId == version.Id)
        {
            return null;
        }

        var request = new DeploymentRequest(
            seed.Name, version.Id, existing?.Visibility, existing?.Replicas, existing?.ContextLength, existing?.Slots) { Quantization = existing?.Quantization };
        var outcome = existing is null
            ? await deployments.CreateAsync(project, request, Identity, cancellationToken)
            : await deployments.UpdateAsync(project, seed.Name, request, Identity, cancellationToken);
        return outcome is Outcome<DeploymentResponse>.Done ? null : $"Deployment {seed.Name} cannot be made: {Describe(outcome)}";
    }

    private static string Describe<T>(Outcome<T> outcome) => outcome switch
    {
        Outcome<T>.Invalid invalid => string.Join(" ", invalid.Errors.SelectMany(error => error.Value)),
        Outcome<T>.Conflict conflict => conflict.Detail,
        Outcome<T>.Forbidden forbidden => forbidden.Detail,
        Outcome<T>.Missing missing => $"there is no {missing.Kind} '{missing.Id}'.",
        _ => "",
    };
}
