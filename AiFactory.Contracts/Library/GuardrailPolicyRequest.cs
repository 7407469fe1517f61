using AiFactory.Contracts.Guardrails;

namespace AiFactory.Contracts.Library;

/// <summary>All rules of one level, in their order. An empty list takes them away.</summary>
/// <param name="BaseVersion">The version that was edited: when it is not the newest any more, someone else has saved, and the answer is 409. Null writes over whatever is there.</param>
public sealed record GuardrailPolicyRequest(int? BaseVersion, IReadOnlyList<GuardrailRule> Rules);
