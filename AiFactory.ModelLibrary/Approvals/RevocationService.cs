using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Approvals;

/// <summary>
/// Withdraws approvals. What is revoked are bytes: the same file approved under another name or tag of the project would go on being served. It touches no
/// deployment, for those follow their version: the next snapshot routes nothing to them, and the reconciler takes them from the workers.
/// </summary>
internal sealed class RevocationService(
    Database database, VersionStore versions, VersionSteps steps, ModelService models, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    private const int ReasonLength = 2000;

    internal async Task<Outcome<ModelVersionResponse>> RevokeAsync(
        string project, Guid versionId, RevocationRequest request, string actor, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > ReasonLength)
        {
            return FieldErrors.Of<ModelVersionResponse>("reason", $"A revocation needs a reason, of at most {ReasonLength} characters.");
        }

        if (await RefuseOrWriteAsync(project, versionId, request.Reason.Trim(), actor, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        signals.Approve.Raise();
        signals.Publish.Raise();
        signals.Reconcile.Raise();
        return await models.FindVersionAsync(project, versionId, cancellationToken);
    }

    /// <summary>Null when the revocation is written.</summary>
    private async Task<Outcome<ModelVersionResponse>?> RefuseOrWriteAsync(string project, Guid versionId, string reason, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var same = await versions.LockSameBytesAsync(transaction, project, versionId, cancellationToken);
        if (same.FirstOrDefault(version => version.Id == versionId) is not { } asked)
        {
            return Outcome<ModelVersionResponse>.Missed("model version", versionId);
        }

        if (asked.State != ModelVersionStates.Approved)
        {
            return new Outcome<ModelVersionResponse>.Conflict($"{asked.Standing}; only a version that is {ModelVersionStates.Approved} can be revoked.");
        }

        var revoked = asked with { State = ModelVersionStates.Revoked, Reason = reason, RevokedBy = actor, RevokedAt = time.GetUtcNow() };
        foreach (var version in same.Where(version => version.State is ModelVersionStates.Approved or ModelVersionStates.PendingApproval))
        {
            if (version.State == ModelVersionStates.Approved)
            {
                await RevokeAsync(transaction, version, revoked, actor, cancellationToken);
            }

            var detail = version == asked ? revoked.Reason : revoked.SameBytes;
            await steps.AppendAsync(transaction, version.Id, new StepEvidence(EvidenceStages.Revocation, EvidenceStages.Revoked, detail), actor, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task RevokeAsync(DatabaseTransaction transaction, VersionRow version, VersionRow revoked, string actor, CancellationToken cancellationToken)
    {
        await versions.RevokeAsync(transaction, version.Id, revoked, cancellationToken);
        await audit.AppendAsync(
            transaction,
            new AuditEntry(version.Project, actor, "model.revoked", $"model-version/{version.Id}")
            {
                Before = new { state = version.State },
                After = new { model = version.Model, version = version.Version, state = revoked.State, digest = version.Digest },
                Reason = revoked.Reason,
            },
            cancellationToken);
    }
}
