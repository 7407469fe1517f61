using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.References;
using AiFactory.ModelLibrary.Rollouts;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ModelLibrary.Upstreams;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Deployments;

/// <summary>Keeps the desired state of deployments. Nothing unapproved becomes one.</summary>
internal sealed class DeploymentService(
    Database database,
    DeploymentStore deployments,
    AssignmentStore assignments,
    VersionStore versions,
    UpstreamStore upstreams,
    RolloutStore rollouts,
    VersionSteps steps,
    AuditLog audit,
    LibrarySignals signals,
    TimeProvider time)
{
    internal async Task<Outcome<Page<DeploymentResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<DeploymentResponse>>();
        }

        var rows = await deployments.ListAsync(project, after ?? "", limit + 1, cancellationToken);
        var replicas = (await assignments.ListReplicasAsync(deployment: null, cancellationToken)).ToLookup(replica => replica.DeploymentId);
        return Paging.Page(rows, limit, row => DeploymentMapping.ToResponse(row, replicas[row.Id]), row => row.Name);
    }

    internal async Task<Outcome<DeploymentResponse>> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        await deployments.FindAsync(project, name, cancellationToken) is { } row
            ? DeploymentMapping.ToResponse(row, await assignments.ListReplicasAsync(row.Id, cancellationToken))
            : Outcome<DeploymentResponse>.Missed("deployment", name);

    internal async Task<Outcome<DeploymentResponse>> CreateAsync(string project, DeploymentRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var admitted = await AdmitAsync(transaction, project, request, caller, already: null, cancellationToken);
        if (admitted is not Outcome<VersionRow>.Done { Value: var version })
        {
            return Refused(admitted);
        }

        if (await upstreams.FindOwnerAsync(transaction, project, request.Name, cancellationToken) is { } upstream)
        {
            return new Outcome<DeploymentResponse>.Conflict($"'{request.Name}' is the name of a model of the upstream '{upstream}': give another.");
        }

        var now = time.GetUtcNow();
        var deployment = Desired(request, version, caller.Subject, now) with { Id = Guid.CreateVersion7(now), CreatedBy = caller.Subject, CreatedAt = now };
        if (!await deployments.InsertAsync(transaction, deployment, cancellationToken))
        {
            return new Outcome<DeploymentResponse>.Conflict($"There is a deployment '{deployment.Name}' already; change it with PUT.");
        }

        await RecordAsync(transaction, "deployment.created", caller.Subject, before: null, deployment, cancellationToken);
        return await CommitAsync(transaction, deployment, cancellationToken);
    }

    internal async Task<Outcome<DeploymentResponse>> UpdateAsync(
        string project, string name, DeploymentRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        if (request.Name != name)
        {
            return FieldErrors.Of<DeploymentResponse>("name", $"A deployment keeps its name: '{name}'.");
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await deployments.LockAsync(transaction, project, name, cancellationToken) is not { } before)
        {
            return Outcome<DeploymentResponse>.Missed("deployment", name);
        }

        var admitted = await AdmitAsync(transaction, project, request, caller, before, cancellationToken);
        if (admitted is not Outcome<VersionRow>.Done { Value: var version })
        {
            return Refused(admitted);
        }

        if (await ObjectAsync(transaction, request, before, cancellationToken) is { } conflict)
        {
            return new Outcome<DeploymentResponse>.Conflict(conflict);
        }

        var after = Desired(request, version, caller.Subject, time.GetUtcNow()) with { Id = before.Id, CreatedBy = before.CreatedBy, CreatedAt = before.CreatedAt };
        await deployments.UpdateAsync(transaction, after, cancellationToken);
        LostTarget[] lost = LostTarget.Between(before.Id, name, before.Task, before.Visibility, after.Task, after.Visibility) is { } one ? [one] : [];
        if (await ReferenceCheck.ObjectAsync(transaction, project, lost, caller, cancellationToken) is { } needed)
        {
            return new Outcome<DeploymentResponse>.Conflict(needed);
        }

        await RecordAsync(transaction, "deployment.updated", caller.Subject, before, after, cancellationToken);
        return await CommitAsync(transaction, after, cancellationToken);
    }

    internal async Task<Outcome<DeploymentRow>> DeleteAsync(string project, string name, InternalIdentity caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await deployments.LockAsync(transaction, project, name, cancellationToken) is not { } deployment)
        {
            return Outcome<DeploymentRow>.Missed("deployment", name);
        }

        // Nobody begins a rollout with it, or makes one that takes its name, between these looks and the commit.
        await upstreams.LockNamesAsync(transaction, project, cancellationToken);
        if (await rollouts.FindUnderWayAsync(transaction, project, name, cancellationToken) is { } rollout)
        {
            return new Outcome<DeploymentRow>.Conflict($"A rollout of '{rollout.Deployment}' from '{rollout.Baseline}' to '{rollout.Candidate}' is {rollout.State}: promote or abort it first.");
        }

        await deployments.DeleteAsync(transaction, deployment.Id, cancellationToken);
        if (await ReferenceCheck.ObjectAsync(transaction, project, [new LostTarget(deployment.Id, name)], caller, cancellationToken) is { } needed)
        {
            return new Outcome<DeploymentRow>.Conflict(needed);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(project, caller.Subject, "deployment.deleted", $"deployment/{name}") { Before = DeploymentMapping.ToAudit(deployment) },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Wake();
        return deployment;
    }

    /// <summary>Why who asks for it may not know what stands there now. What was read before a rollout moved the shares must not bring them back unseen.</summary>
    private async Task<string?> ObjectAsync(DatabaseTransaction transaction, DeploymentRequest request, DeploymentRow before, CancellationToken cancellationToken)
    {
        // Postgres keeps microseconds, and who has just made it was told more.
        if (request.UpdatedAt is { } seen && seen.UtcTicks / TimeSpan.TicksPerMicrosecond != before.UpdatedAt.UtcTicks / TimeSpan.TicksPerMicrosecond)
        {
            return $"'{before.Name}' was changed by {before.UpdatedBy} at {before.UpdatedAt:O}, after what was read ('updatedAt'): read it anew, and save what you want of it.";
        }

        if (DeploymentTraffic.AreSame(request.Traffic, before.Traffic))
        {
            return null;
        }

        if (await rollouts.FindUnderWayAsync(transaction, before.Project, before.Name, cancellationToken) is { } rollout && rollout.Deployment == before.Name)
        {
            return $"A rollout of '{before.Name}' to '{rollout.Candidate}' is {rollout.State} and moves its traffic: send the traffic as it is, or promote or abort the rollout first.";
        }

        return request.UpdatedAt is null && await rollouts.HasAnyAsync(transaction, before.Project, before.Name, before.CreatedAt, cancellationToken)
            ? $"Rollouts move the traffic of '{before.Name}', and this would change it: read it anew, and send its 'updatedAt' with what you want, or leave its traffic as it is."
            : null;
    }

    /// <summary>The version that the request may deploy: valid, of this project, approved.</summary>
    private async Task<Outcome<VersionRow>> AdmitAsync(
        DatabaseTransaction transaction, string project, DeploymentRequest request, InternalIdentity caller, DeploymentRow? already, CancellationToken cancellationToken)
    {
        if (DeploymentValidation.Check(request) is { Any: true } errors)
        {
            return errors.ToOutcome<VersionRow>();
        }

        if (request.Visibility == DeploymentValidation.FactoryVisibility && !caller.FactoryWide && already?.Visibility != DeploymentValidation.FactoryVisibility)
        {
            return new Outcome<VersionRow>.Forbidden("Only a caller of the whole factory may show a deployment to every project.");
        }

        // Nobody takes away what it names, or gives its name to another, between these looks and the commit.
        await upstreams.LockNamesAsync(transaction, project, cancellationToken);

        // Locked, so that a decision about it cannot be taken back between this look and the commit.
        if (await versions.LockAsync(transaction, project, request.ModelVersionId, cancellationToken) is not { } version)
        {
            return FieldErrors.Of<VersionRow>("modelVersionId", $"The project has no model version '{request.ModelVersionId}'.");
        }

        if (version.State != ModelVersionStates.Approved)
        {
            return new Outcome<VersionRow>.Conflict($"{version.Standing}; only an approved version can be deployed.");
        }

        if (DeploymentValidation.CheckAgainst(request, version) is { Any: true } refused)
        {
            return refused.ToOutcome<VersionRow>();
        }

        foreach (var target in DeploymentTraffic.Targets(request.Traffic).Distinct(StringComparer.Ordinal))
        {
            var task = ModelMapping.Metadata(version)?.Task ?? ModelTasks.Chat;
            if (await deployments.ServesAsync(transaction, project, target, task, cancellationToken))
            {
                continue;
            }

            if (!await upstreams.ServesAsync(transaction, project, target, task, cancellationToken))
            {
                return FieldErrors.Of<VersionRow>("traffic", $"The project has no deployment '{target}' with the task of this one, and no upstream's model: make it first.");
            }

            if (target == request.Traffic?.Shadow?.Deployment)
            {
                return FieldErrors.Of<VersionRow>("traffic.shadow", DeploymentTraffic.NoUpstream(target));
            }

            if (!caller.Has(Permissions.UpstreamsWrite) && DeploymentTraffic.GivesMore(request.Traffic, DeploymentTraffic.Read(already?.Traffic), target))
            {
                // What goes to an upstream leaves the site, and is paid.
                return new Outcome<VersionRow>.Forbidden($"'{target}' is a model of an upstream: only who may change upstreams may let it answer requests of this deployment, or more of them ({Permissions.UpstreamsWrite}).");
            }
        }

        if (request.Cache?.Semantic?.Embeddings is { } embeddings && !await deployments.ServesAsync(transaction, project, embeddings, ModelTasks.Embedding, cancellationToken))
        {
            return FieldErrors.Of<VersionRow>("cache.semantic.embeddings", DeploymentCache.NoEmbeddings(embeddings));
        }

        return version;
    }

    private static Outcome<DeploymentResponse> Refused(Outcome<VersionRow> admitted) => admitted switch
    {
        Outcome<VersionRow>.Invalid invalid => new Outcome<DeploymentResponse>.Invalid(invalid.Errors),
        Outcome<VersionRow>.Conflict conflict => new Outcome<DeploymentResponse>.Conflict(conflict.Detail),
        Outcome<VersionRow>.Forbidden forbidden => new Outcome<DeploymentResponse>.Forbidden(forbidden.Detail),
        _ => throw new InvalidOperationException($"{admitted.GetType().Name} is no refusal."),
    };

    private static DeploymentRow Desired(DeploymentRequest request, VersionRow version, string actor, DateTimeOffset now) => new()
    {
        Id = Guid.Empty,
        Project = version.Project,
        Name = request.Name,
        VersionId = version.Id,
        Model = version.Model,
        ModelVersion = version.Version,
        Digest = version.Digest ?? throw new InvalidOperationException($"Version {version.Id} is approved without a digest."),
        ObjectKey = version.ObjectKey ?? throw new InvalidOperationException($"Version {version.Id} is approved without an object."),
        SizeBytes = version.SizeBytes,
        Parts = version.Parts,
        Task = ModelMapping.Metadata(version)?.Task ?? ModelTasks.Chat,
        Visibility = request.Visibility ?? DeploymentValidation.ProjectVisibility,
        Replicas = request.Replicas ?? 1,
        ContextLength = request.ContextLength,
        Slots = request.Slots,
        Quantization = request.Quantization,
        Traffic = DeploymentTraffic.ToJson(request.Traffic),
        Cache = DeploymentCache.ToJson(request.Cache),
        Routing = DeploymentRouting.ToJson(request.Routing),
        Phase = DeploymentPhases.Pending,
        Message = "It was just asked for.",
        ReadyReplicas = 0,
        CreatedBy = actor,
        UpdatedBy = actor,
        CreatedAt = now,
        UpdatedAt = now,
    };

    private async Task RecordAsync(
        DatabaseTransaction transaction, string action, string actor, DeploymentRow? before, DeploymentRow after, CancellationToken cancellationToken)
    {
        if (before?.VersionId != after.VersionId)
        {
            await steps.AppendAsync(
                transaction,
                after.VersionId,
                new StepEvidence(EvidenceStages.Deployed, EvidenceStages.Passed, $"Deployed as {after.Name}."),
                actor,
                cancellationToken);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(after.Project, actor, action, $"deployment/{after.Name}")
            {
                Before = before is null ? null : DeploymentMapping.ToAudit(before),
                After = DeploymentMapping.ToAudit(after),
            },
            cancellationToken);
    }

    private async Task<Outcome<DeploymentResponse>> CommitAsync(DatabaseTransaction transaction, DeploymentRow deployment, CancellationToken cancellationToken)
    {
        await transaction.CommitAsync(cancellationToken);
        Wake();
        return DeploymentMapping.ToResponse(deployment, await assignments.ListReplicasAsync(deployment.Id, cancellationToken));
    }

    private void Wake()
    {
        signals.Reconcile.Raise();
        signals.Publish.Raise();
    }
}
