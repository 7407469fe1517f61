using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Authentication;

/// <summary>Who calls, or why that is not known. Both are null for a caller who showed nothing.</summary>
internal readonly record struct AuthenticationOutcome(Caller? Caller, OpenAIError? Error)
{
    /// <summary>Whose key it was, where it is known and no longer valid.</summary>
    public Caller? Denied { get; init; }
}
