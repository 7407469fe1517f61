namespace AiFactory.Contracts.Builder.Flows;

/// <param name="BaseRevision">The revision that was edited: when it is not the newest any more, someone else has saved, and the answer is 409.</param>
public sealed record GraphRequest(int BaseRevision, FlowGraph Graph);
