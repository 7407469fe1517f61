namespace AiFactory.Inference.Engine.Adapters;

/// <summary>The adapters of an engine at this moment.</summary>
/// <param name="Most">How many it may have.</param>
/// <param name="Running">Names of those with requests that have a slot.</param>
/// <param name="Waiting">Names of those with requests in the queue.</param>
internal sealed record AdapterLoad(int Most, IReadOnlyList<string> Running, IReadOnlyList<string> Waiting);
