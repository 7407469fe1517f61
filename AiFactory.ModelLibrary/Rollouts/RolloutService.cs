using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Upstreams;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>Begins rollouts, does what persons say to them, and takes what gateways tell.</summary>
internal sealed class RolloutService(
    Database database, RolloutStore rollouts, DeploymentStore deployments, UpstreamStore upstreams, RolloutMoves moves, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    internal async Task<Outcome<Page<RolloutResponse>>> ListAsync(string project, string deployment, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<RolloutResponse>>();
        }

        if (!Cursors.TryId(after, out var before))
        {
            return Paging.BadAfter<Page<RolloutResponse>>();
        }

        var rows = await rollouts.ListAsync(project, deployment, before, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, RolloutMapping.ToResponse, row => row.Id.ToString());
    }

    internal async Task<Outcome<RolloutResponse>> FindAsync(string project, string deployment, Guid id, CancellationToken cancellationToken) =>
        await rollouts.FindAsync(project, deployment, id, cancellationToken) is { } row ? RolloutMapping.ToResponse(row) : Outcome<RolloutResponse>.Missed("rollout", id);

    internal async Task<Outcome<RolloutResponse>> BeginAsync(string project, string name, RolloutRequest request, string actor, CancellationToken cancellationToken)
    {
        if (RolloutValidation.Check(name, request) is { Any: true } errors)
        {
            return errors.ToOutcome<RolloutResponse>();
        }

        // Locked, so that nobody writes another traffic policy between this look and the commit.
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await deployments.LockAsync(transaction, project, name, cancellationToken) is not { } deployment)
        {
            return Outcome<RolloutResponse>.Missed("deployment", name);
        }

        // Nor deletes one of the others that have a part.
        await upstreams.LockNamesAsync(transaction, project, cancellationToken);
        if (await rollouts.FindUnderWayAsync(transaction, project, name, cancellationToken) is { } other && other.Deployment == name)
        {
            return new Outcome<RolloutResponse>.Conflict($"A rollout of '{name}' to '{other.Candidate}' is {other.State}: promote or abort it first.");
        }

        if (RolloutShares.Baseline(DeploymentTraffic.Read(deployment.Traffic), name) is not { } baselineName)
        {
            return new Outcome<RolloutResponse>.Conflict($"The requests of '{name}' are split among several already: take the splits out of its traffic first.");
        }

        if (request.Candidate == baselineName)
        {
            return FieldErrors.Of<RolloutResponse>("candidate", $"'{baselineName}' answers the requests of '{name}' already.");
        }

        if (await deployments.FindAsync(transaction, project, baselineName, cancellationToken) is not { } baseline)
        {
            return new Outcome<RolloutResponse>.Conflict($"The requests of '{name}' go to '{baselineName}', which is no deployment of the project: take that split out of its traffic first.");
        }

        if (await deployments.FindAsync(transaction, project, request.Candidate, cancellationToken) is not { } candidate || candidate.Task != deployment.Task)
        {
            return FieldErrors.Of<RolloutResponse>("candidate", $"The project has no deployment '{request.Candidate}' with the task of '{name}': make it first.");
        }

        if (candidate.Revoked is not null)
        {
            return new Outcome<RolloutResponse>.Conflict($"The model version of '{request.Candidate}' was revoked: {candidate.Revoked}");
        }

        var now = RolloutMoves.Instant(time);
        var rollout = new RolloutRow
        {
            Id = Guid.CreateVersion7(now),
            Project = project,
            Deployment = name,
            Candidate = candidate.Name,
            Baseline = baseline.Name,
            CandidateVersionId = candidate.VersionId,
            BaselineVersionId = baseline.VersionId,
            Plan = RolloutPlan.From(request).ToJson(),
            State = RolloutStates.Running,
            Step = -1,
            StepSince = now,
            Message = $"It waits until all replicas of {candidate.Name} are ready.",
            CreatedBy = actor,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (!await rollouts.InsertAsync(transaction, rollout, cancellationToken))
        {
            return new Outcome<RolloutResponse>.Conflict($"A rollout of '{name}' was begun meanwhile.");
        }

        await audit.AppendAsync(
            transaction, new AuditEntry(project, actor, "rollout.begun", $"deployment/{name}") { After = RolloutMapping.ToAudit(rollout), Reason = rollout.Message }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        moves.Wake();
        return RolloutMapping.ToResponse(rollout);
    }

    /// <summary>What a person says to it: <see cref="RolloutAct"/>.</summary>
    internal async Task<Outcome<RolloutResponse>> ActAsync(string project, string name, Guid id, RolloutAct act, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await rollouts.LockAsync(transaction, project, name, id, cancellationToken) is not { } before)
        {
            return Outcome<RolloutResponse>.Missed("rollout", id);
        }

        if (!act.From.Contains(before.State))
        {
            return new Outcome<RolloutResponse>.Conflict($"It is {before.State}: only one that is {string.Join(" or ", act.From)} can be {act.Done}.");
        }

        var candidate = await deployments.FindAsync(transaction, project, before.Candidate, cancellationToken);
        if (act == RolloutAct.Promote && RolloutJudge.CannotAnswer(candidate, before.Candidate) is { } reason)
        {
            return new Outcome<RolloutResponse>.Conflict($"All requests of '{name}' would find nobody. {reason}");
        }

        if (act == RolloutAct.Resume)
        {
            // From here on it compares what is deployed now: who resumes one that halted for another version wants that.
            var baseline = await deployments.FindAsync(transaction, project, before.Baseline, cancellationToken);
            if ((Changing(candidate, before.CandidateVersionId) ?? Changing(baseline, before.BaselineVersionId)) is { } changing)
            {
                return new Outcome<RolloutResponse>.Conflict(changing);
            }

            before = before with { CandidateVersionId = candidate?.VersionId ?? before.CandidateVersionId, BaselineVersionId = baseline?.VersionId ?? before.BaselineVersionId };
        }

        var message = $"It was {act.Done} by {actor}. Before: {before.Message}";
        var after = await moves.MoveAsync(transaction, before, act.State, before.Step, message, $"rollout.{act.Done}", actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        moves.Wake();
        return RolloutMapping.ToResponse(after);
    }

    /// <summary>Replicas that still serve the former version would answer in the new one's name, and the numbers be of two again.</summary>
    private static string? Changing(DeploymentRow? deployment, Guid compared) => deployment is not null && deployment.VersionId != compared && deployment.Phase != DeploymentPhases.Ready
        ? $"Another version was deployed as '{deployment.Name}', which is {deployment.Phase}{(deployment.Message is { } message ? $": {message}" : ".")} Resume it when all of its replicas are ready."
        : null;

    /// <summary>What a gateway tells. Numbers of a step that is over are no longer of use, and no fault of the gateway's.</summary>
    internal async Task<Outcome<Guid>> ObserveAsync(Guid id, RolloutObservation observation, CancellationToken cancellationToken)
    {
        if (observation is not { Candidate: not null, Baseline: not null, Before: not null })
        {
            return FieldErrors.Of<Guid>("candidate", "All three samples are needed: candidate, baseline, before.");
        }

        var observed = JsonSerializer.Serialize(observation, JsonSerializerOptions.Web);
        if (!await rollouts.ObserveAsync(id, observation.Step, observation.Since, observed, time.GetUtcNow(), cancellationToken))
        {
            return new Outcome<Guid>.Conflict("This is not the step that runs.");
        }

        signals.Rollout.Raise();
        return id;
    }
}
