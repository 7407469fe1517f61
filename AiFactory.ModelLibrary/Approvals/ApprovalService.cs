using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Approvals;

/// <summary>Decides about versions that wait for an approval, by the policy of their project, and approves anew what was revoked.</summary>
internal sealed class ApprovalService(
    Database database, VersionStore versions, VersionSteps steps, ProjectStore projects, SourceStore sources, ModelService models, Persons persons, AuditLog audit, LibrarySignals signals)
{
    private const string Approve = "approve";
    private const string Reject = "reject";
    private const int CommentLength = 2000;

    internal async Task<Outcome<ModelVersionResponse>> DecideAsync(
        string project, Guid versionId, ApprovalRequest request, string actor, CancellationToken cancellationToken)
    {
        if (Validate(request) is { Any: true } errors)
        {
            return errors.ToOutcome<ModelVersionResponse>();
        }

        return await RefuseOrWriteAsync(project, versionId, request, actor, cancellationToken) ?? await models.FindVersionAsync(project, versionId, cancellationToken);
    }

    /// <summary>Null when the decision is written. All that it reads is read on the transaction's connection: who holds one and waits for a second can wait for himself.</summary>
    private async Task<Outcome<ModelVersionResponse>?> RefuseOrWriteAsync(
        string project, Guid versionId, ApprovalRequest request, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await versions.LockAsync(transaction, project, versionId, cancellationToken) is not { } version)
        {
            return Outcome<ModelVersionResponse>.Missed("model version", versionId);
        }

        var approves = request.Decision == Approve;
        if (version.State != ModelVersionStates.PendingApproval && !(approves && version.State == ModelVersionStates.Revoked))
        {
            return new Outcome<ModelVersionResponse>.Conflict(
                $"{version.Standing}; only a version that is {ModelVersionStates.PendingApproval} can be decided about, and one that is {ModelVersionStates.Revoked} be approved again.");
        }

        if (approves && await RefusalAsync(transaction, version, actor, cancellationToken) is { } refusal)
        {
            return new Outcome<ModelVersionResponse>.Forbidden(refusal);
        }

        var comment = string.IsNullOrWhiteSpace(request.Comment) ? null : request.Comment.Trim();
        var to = approves ? ModelVersionStates.Approved : ModelVersionStates.Rejected;
        if (!await versions.DecideAsync(transaction, versionId, version.State, to, approves ? null : comment, cancellationToken))
        {
            throw new InvalidOperationException($"Version {versionId} changed while it was locked.");
        }

        await steps.AppendAsync(
            transaction,
            versionId,
            new StepEvidence(EvidenceStages.Approval, approves ? EvidenceStages.Approved : EvidenceStages.Rejected, comment ?? "Approved without a comment."),
            actor,
            cancellationToken);
        await audit.AppendAsync(
            transaction,
            new AuditEntry(project, actor, approves ? "model.approved" : "model.rejected", $"model-version/{versionId}")
            {
                Before = new { state = version.State },
                After = new { model = version.Model, version = version.Version, state = to, digest = version.Digest },
                Reason = comment,
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Approve.Raise();
        return null;
    }

    private static FieldErrors Validate(ApprovalRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(request.Decision is Approve or Reject, "decision", $"Use '{Approve}' or '{Reject}'.");
        errors.Require(request.Comment is null || request.Comment.Length <= CommentLength, "comment", $"At most {CommentLength} characters.");
        errors.Require(request.Decision != Reject || !string.IsNullOrWhiteSpace(request.Comment), "comment", "A rejection needs a comment that says why.");
        return errors;
    }

    private async Task<string?> RefusalAsync(DatabaseTransaction transaction, VersionRow version, string actor, CancellationToken cancellationToken) =>
        await RevocationRefusalAsync(transaction, version, actor, cancellationToken) ?? await PolicyRefusalAsync(transaction, version, actor, cancellationToken);

    /// <summary>Bytes that were revoked, under whatever name they come again, another person than who revoked them approves: the settings are none.</summary>
    private async Task<string?> RevocationRefusalAsync(DatabaseTransaction transaction, VersionRow version, string actor, CancellationToken cancellationToken)
    {
        foreach (var revoked in await versions.ListRevokedAsync(transaction, version.Project, version.Digest, cancellationToken))
        {
            if (!Persons.IsPerson(actor) || await persons.OfAsync(transaction, revoked.RevokedBy ?? "", cancellationToken) == await persons.OfAsync(transaction, actor, cancellationToken))
            {
                return revoked.SameBytes;
            }
        }

        return null;
    }

    /// <summary>Under second-person nobody approves who brought the version in, made its source, or decided where that points and what it lets in.</summary>
    private async Task<string?> PolicyRefusalAsync(DatabaseTransaction transaction, VersionRow version, string actor, CancellationToken cancellationToken)
    {
        var policy = (await projects.FindAsync(transaction, version.Project, cancellationToken))?.ApprovalPolicy ?? ApprovalPolicies.SecondPerson;
        if (policy != ApprovalPolicies.SecondPerson)
        {
            return null;
        }

        var source = await sources.FindByIdAsync(transaction, version.SourceId, cancellationToken);
        List<(string Subject, string Did)> parts = [(version.Author, "brought this version in")];
        parts.AddRange(source is null ? [] : [(source.CreatedBy, "made the source that this version comes from")]);
        parts.AddRange(version.SourceChangedBy.Select(subject => (subject, "changed the source that this version comes from")));
        var person = await persons.OfAsync(transaction, actor, cancellationToken);
        foreach (var (subject, did) in parts)
        {
            if (await persons.OfAsync(transaction, subject, cancellationToken) == person)
            {
                var why = subject == actor ? "" : $", and {actor} is the same person: a key acts for whoever made it, here {person}";
                return $"The project's approval policy '{ApprovalPolicies.SecondPerson}' wants another person: {subject} {did}{why}.";
            }
        }

        return null;
    }
}
