namespace AiFactory.Contracts.Library;

/// <summary>One step of a version's way through the gate. Never changed, never deleted.</summary>
/// <param name="Stage">discovered, copied, scanned, policy, approval, deployed or revocation.</param>
/// <param name="Outcome">passed, failed, approved, rejected or revoked.</param>
/// <param name="Detail">A sentence: the reason, the finding, the digest.</param>
public sealed record EvidenceResponse(long Sequence, string Stage, string Outcome, string Detail, string Actor, DateTimeOffset At);
