using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.References;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Secrets;
using AiFactory.ServiceDefaults.Upstreams;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>Keeps the services that are none of the factory's, and what of them clients may name.</summary>
internal sealed class UpstreamService(
    Database database,
    UpstreamStore upstreams,
    DeploymentStore deployments,
    UpstreamHosts hosts,
    ShownHeaders headers,
    CredentialSeal seal,
    AuditLog audit,
    LibrarySignals signals,
    TimeProvider time)
{
    /// <summary>Of a shorter credential nothing is shown: its end would be a good part of it.</summary>
    private const int ShortestShown = 20;

    private const int Shown = 4;

    internal async Task<Outcome<Page<UpstreamResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<UpstreamResponse>>();
        }

        var rows = await upstreams.ListAsync(project, after ?? "", limit + 1, cancellationToken);
        var models = (await upstreams.ListModelsAsync([.. rows.Select(row => row.Id)], cancellationToken)).ToLookup(model => model.UpstreamId);
        return Paging.Page(rows, limit, row => ToResponse(row, models[row.Id]), row => row.Name);
    }

    internal async Task<Outcome<UpstreamResponse>> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        await upstreams.FindAsync(project, name, cancellationToken) is { } row
            ? ToResponse(row, await upstreams.ListModelsAsync([row.Id], cancellationToken))
            : Outcome<UpstreamResponse>.Missed("upstream", name);

    /// <summary>What the snapshot says of them: those that are switched on, and whose address may still be called.</summary>
    internal async Task<IReadOnlyList<DeploymentRoute>> RoutesAsync(CancellationToken cancellationToken)
    {
        var rows = (await upstreams.ListEnabledAsync(cancellationToken)).Where(row => hosts.Refuse(new Uri(row.BaseUrl)) is null).ToList();
        if (rows.Count == 0)
        {
            return [];
        }

        var models = (await upstreams.ListModelsAsync([.. rows.Select(row => row.Id)], cancellationToken)).ToLookup(model => model.UpstreamId);
        return [.. rows.SelectMany(row => models[row.Id].Select(model => UpstreamMapping.ToRoute(row, model)))];
    }

    internal async Task<Outcome<UpstreamResponse>> CreateAsync(string project, UpstreamRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        if (UpstreamValidation.Check(request, hosts, headers) is { Any: true } errors)
        {
            return errors.ToOutcome<UpstreamResponse>();
        }

        var now = time.GetUtcNow();
        var desired = Desired(request, caller.Subject, now) with { Id = Guid.CreateVersion7(now), Project = project, CreatedBy = caller.Subject, CreatedAt = now };
        var upstream = WithCredential(desired, request.Credential, caller.Subject, now);
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await upstreams.InsertAsync(transaction, upstream, cancellationToken))
        {
            return new Outcome<UpstreamResponse>.Conflict($"There is an upstream '{upstream.Name}' already; change it with PUT.");
        }

        return await PutAsync(transaction, "upstream.created", request, upstream, before: null, [], caller, cancellationToken);
    }

    internal async Task<Outcome<UpstreamResponse>> UpdateAsync(string project, string name, UpstreamRequest request, InternalIdentity caller, CancellationToken cancellationToken)
    {
        if (request.Name != name)
        {
            return FieldErrors.Of<UpstreamResponse>("name", $"An upstream keeps its name: '{name}'.");
        }

        if (UpstreamValidation.Check(request, hosts, headers) is { Any: true } errors)
        {
            return errors.ToOutcome<UpstreamResponse>();
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await upstreams.LockAsync(transaction, project, name, cancellationToken) is not { } before)
        {
            return Outcome<UpstreamResponse>.Missed("upstream", name);
        }

        if (request.Revision is { } seen && seen != before.Revision)
        {
            return new Outcome<UpstreamResponse>.Conflict($"The upstream was saved by someone else meanwhile; its newest revision is {before.Revision}. Read it anew, and save what you want of it.");
        }

        // Whoever may write an upstream could else send its credential to a host of theirs.
        var moved = UpstreamPurpose.OriginOf(new Uri(before.BaseUrl)) != UpstreamPurpose.OriginOf(new Uri(request.BaseUrl));
        if (before.Credential is not null && request.Credential is null && (moved || before.Kind != request.Kind))
        {
            return FieldErrors.Of<UpstreamResponse>("credential", $"The one that is kept was given for {before.Kind} at {UpstreamPurpose.OriginOf(new Uri(before.BaseUrl))}: give the new address its own, or an empty one.");
        }

        var now = time.GetUtcNow();
        var desired = Desired(request, caller.Subject, now) with
        {
            Id = before.Id,
            Project = project,
            Revision = before.Revision + 1,
            CreatedBy = before.CreatedBy,
            CreatedAt = before.CreatedAt,
            Credential = before.Credential,
            CredentialEnd = before.CredentialEnd,
            CredentialSetBy = before.CredentialSetBy,
            CredentialSetAt = before.CredentialSetAt,
        };
        var after = WithCredential(desired, request.Credential, caller.Subject, now);
        await upstreams.UpdateAsync(transaction, after, cancellationToken);
        var models = await upstreams.ListModelsAsync(transaction, before.Id, cancellationToken);
        return await PutAsync(transaction, "upstream.updated", request, after, before, models, caller, cancellationToken);
    }

    internal async Task<Outcome<UpstreamRow>> DeleteAsync(string project, string name, InternalIdentity caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await upstreams.LockAsync(transaction, project, name, cancellationToken) is not { } upstream)
        {
            return Outcome<UpstreamRow>.Missed("upstream", name);
        }

        var models = await upstreams.ListModelsAsync(transaction, upstream.Id, cancellationToken);
        await upstreams.LockNamesAsync(transaction, project, cancellationToken);
        await upstreams.DeleteAsync(transaction, upstream.Id, cancellationToken);
        if (await ReferenceCheck.ObjectAsync(transaction, project, [.. models.Select(model => new LostTarget(model.Id, model.Name))], caller, cancellationToken) is { } needed)
        {
            return new Outcome<UpstreamRow>.Conflict(needed);
        }

        await audit.AppendAsync(
            transaction, new AuditEntry(project, caller.Subject, "upstream.deleted", $"upstream/{name}") { Before = UpstreamMapping.ToAudit(upstream, models, headers) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return upstream;
    }

    /// <summary>The models, the record of the act, and the end of the transaction.</summary>
    private async Task<Outcome<UpstreamResponse>> PutAsync(
        DatabaseTransaction transaction,
        string action,
        UpstreamRequest request,
        UpstreamRow upstream,
        UpstreamRow? before,
        IReadOnlyList<UpstreamModelRow> former,
        InternalIdentity caller,
        CancellationToken cancellationToken)
    {
        if (await RefuseModelsAsync(transaction, request, upstream, former, caller, cancellationToken) is { } refused)
        {
            return refused;
        }

        var rows = request.Models.Select(model => UpstreamMapping.ToRow(model, upstream, upstream.UpdatedAt)).OrderBy(row => row.Name, StringComparer.Ordinal).ToList();
        await upstreams.PutModelsAsync(transaction, upstream.Id, rows, cancellationToken);
        if (await ReferenceCheck.ObjectAsync(transaction, upstream.Project, Lost(former, rows), caller, cancellationToken) is { } needed)
        {
            return new Outcome<UpstreamResponse>.Conflict(needed);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(upstream.Project, caller.Subject, action, $"upstream/{upstream.Name}")
            {
                Before = before is null ? null : UpstreamMapping.ToAudit(before, former, headers),
                After = UpstreamMapping.ToAudit(upstream, rows, headers),
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Publish.Raise();
        return ToResponse(upstream, rows);
    }

    private static LostTarget[] Lost(IReadOnlyList<UpstreamModelRow> former, List<UpstreamModelRow> rows) =>
    [
        .. from model in former
           let kept = rows.Find(row => row.Name == model.Name)
           let lost = LostTarget.Between(model.Id, model.Name, model.Task, model.Visibility, kept?.Task, kept?.Visibility)
           where lost is not null
           select lost,
    ];

    private async Task<Outcome<UpstreamResponse>?> RefuseModelsAsync(
        DatabaseTransaction transaction, UpstreamRequest request, UpstreamRow upstream, IReadOnlyList<UpstreamModelRow> former, InternalIdentity caller, CancellationToken cancellationToken)
    {
        var shown = former.Where(model => model.Visibility == DeploymentValidation.FactoryVisibility).Select(model => model.Name).ToHashSet(StringComparer.Ordinal);
        if (!caller.FactoryWide && request.Models.Any(model => model.Visibility == DeploymentValidation.FactoryVisibility && !shown.Contains(model.Name)))
        {
            return new Outcome<UpstreamResponse>.Forbidden("Only a caller of the whole factory may show a model to every project.");
        }

        await upstreams.LockNamesAsync(transaction, upstream.Project, cancellationToken);
        for (var index = 0; index < request.Models.Count; index++)
        {
            var model = request.Models[index];
            if (await deployments.ExistsAsync(transaction, upstream.Project, model.Name, cancellationToken))
            {
                return FieldErrors.Of<UpstreamResponse>($"models[{index}].name", $"'{model.Name}' is the name of a deployment of the project: give another.");
            }

            if (await upstreams.FindOwnerAsync(transaction, upstream.Project, model.Name, cancellationToken) is { } owner && owner != upstream.Name)
            {
                return FieldErrors.Of<UpstreamResponse>($"models[{index}].name", $"'{model.Name}' is the name of a model of the upstream '{owner}': give another.");
            }

            if (model.Cache?.Semantic?.Embeddings is { } embeddings && !await deployments.ServesAsync(transaction, upstream.Project, embeddings, ModelTasks.Embedding, cancellationToken))
            {
                return FieldErrors.Of<UpstreamResponse>($"models[{index}].cache.semantic.embeddings", DeploymentCache.NoEmbeddings(embeddings));
            }

            foreach (var target in DeploymentTraffic.Targets(model.Traffic).Distinct(StringComparer.Ordinal))
            {
                var task = UpstreamMapping.TaskOf(model);
                if (await deployments.ServesAsync(transaction, upstream.Project, target, task, cancellationToken))
                {
                    continue;
                }

                if (!request.Models.Any(other => other.Name == target && UpstreamMapping.TaskOf(other) == task)
                    && !await upstreams.ServesAsync(transaction, upstream.Project, target, task, cancellationToken))
                {
                    return FieldErrors.Of<UpstreamResponse>($"models[{index}].traffic", $"The project has no deployment or upstream's model '{target}' with the task of this one: make it first.");
                }

                if (target == model.Traffic?.Shadow?.Deployment)
                {
                    return FieldErrors.Of<UpstreamResponse>($"models[{index}].traffic.shadow", DeploymentTraffic.NoUpstream(target));
                }
            }
        }

        return null;
    }

    private static UpstreamRow Desired(UpstreamRequest request, string actor, DateTimeOffset now) => new()
    {
        Id = Guid.Empty,
        Project = "",
        Name = request.Name,
        Kind = request.Kind,
        BaseUrl = request.BaseUrl,
        ApiVersion = request.ApiVersion,
        Headers = UpstreamMapping.HeadersToJson(request.Headers),
        Enabled = request.Enabled ?? true,
        Revision = 1,
        CreatedBy = actor,
        UpdatedBy = actor,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <param name="given">Null keeps what is there, an empty one takes it away.</param>
    private UpstreamRow WithCredential(UpstreamRow upstream, string? given, string actor, DateTimeOffset now) => given switch
    {
        null => upstream,
        "" => upstream with { Credential = null, CredentialEnd = null, CredentialSetBy = null, CredentialSetAt = null },
        _ => upstream with
        {
            Credential = seal.Seal(given, UpstreamPurpose.Of(upstream.Id, new Uri(upstream.BaseUrl))),
            CredentialEnd = given.Length < ShortestShown ? null : given[^Shown..],
            CredentialSetBy = actor,
            CredentialSetAt = now,
        },
    };

    private UpstreamResponse ToResponse(UpstreamRow row, IEnumerable<UpstreamModelRow> models) =>
        UpstreamMapping.ToResponse(row, models, headers, row.Enabled ? hosts.Refuse(new Uri(row.BaseUrl)) : "It is switched off.");
}
