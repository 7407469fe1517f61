namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Text">What the answer goes on with.</param>
public sealed record ThreadDelta(string Text);
