namespace AiFactory.Gateway.Forwarding;

/// <summary>What a replica says that an operation used, in tokens; a part that it does not say is null.</summary>
internal readonly record struct TokenUsage(long? Input, long? Output);
