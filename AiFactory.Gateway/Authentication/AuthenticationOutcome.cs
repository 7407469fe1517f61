using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Authentication;

/// <summary>Who calls, or why that is not known. Both are null for a caller who showed nothing.</summary>
internal readonly record struct AuthenticationOutcome(Caller? Caller, OpenAIError? Error);
