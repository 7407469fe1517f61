using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Models;

/// <summary>Moves a claimed version on: its new state, the evidence for it and the audit entry, together or not at all.</summary>
internal sealed class VersionSteps(Database database, VersionStore versions, EvidenceStore evidence, AuditLog audit, TimeProvider time)
{
    /// <summary>False when the claim was lost: whoever has it now does the step.</summary>
    internal async Task<bool> AdvanceAsync(
        VersionRow claimed, VersionRow next, string action, string actor, IReadOnlyList<StepEvidence> steps, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await versions.AdvanceAsync(transaction, claimed, next, cancellationToken))
        {
            return false;
        }

        foreach (var step in steps)
        {
            await AppendAsync(transaction, next.Id, step, actor, cancellationToken);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(claimed.Project, actor, action, $"model-version/{claimed.Id}")
            {
                Before = new { state = claimed.State },
                After = new { model = next.Model, version = next.Version, state = next.State, digest = next.Digest },
                Reason = next.Reason,
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    internal Task AppendAsync(DatabaseTransaction transaction, Guid versionId, StepEvidence step, string actor, CancellationToken cancellationToken) =>
        evidence.AppendAsync(
            transaction,
            new EvidenceRow { VersionId = versionId, Stage = step.Stage, Outcome = step.Outcome, Detail = step.Detail, Actor = actor, At = time.GetUtcNow() },
            cancellationToken);
}
