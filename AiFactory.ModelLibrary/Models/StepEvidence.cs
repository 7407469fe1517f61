namespace AiFactory.ModelLibrary.Models;

/// <param name="Stage">See <see cref="EvidenceStages"/>.</param>
/// <param name="Detail">A sentence.</param>
internal sealed record StepEvidence(string Stage, string Outcome, string Detail);
