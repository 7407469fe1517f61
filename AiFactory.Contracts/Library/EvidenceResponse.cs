namespace AiFactory.Contracts.Library;

/// <summary>One step of a version's way through the gate. Never changed, never deleted.</summary>
/// <param name="Stage">discovered, copied, scanned, policy, approval or deployed.</param>
/// <param name="Outcome">passed, failed, approved or rejected.</param>
/// <param name="Detail">A sentence: the reason, the finding, the digest.</param>
public sealed record EvidenceResponse(long Sequence, string Stage, string Outcome, string Detail, string Actor, DateTimeOffset At);
