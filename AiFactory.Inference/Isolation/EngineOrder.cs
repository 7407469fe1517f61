using AiFactory.Contracts.Workers;

namespace AiFactory.Inference.Isolation;

/// <summary>What an engine's process is to do: the first line of its standard input, which nobody else can read.</summary>
/// <param name="Files">Verified, and held by who sends this.</param>
/// <param name="Socket">Where it listens: a Unix socket in a folder of the worker's own.</param>
/// <param name="Settings">All of its settings, with the key of its callers' identities, which is drawn for it.</param>
internal sealed record EngineOrder(ModelAssignment Assignment, IReadOnlyList<EngineFile> Files, string Socket, Dictionary<string, string?> Settings);

internal sealed record EngineFile(string Path, string Digest, long SizeBytes);
