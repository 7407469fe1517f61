namespace AiFactory.Gateway.SubRequests;

/// <summary>Why a question has no answer.</summary>
/// <param name="Why">Completes "the model ...".</param>
internal sealed record PartFault(PartFaultKind Kind, string Why);
