namespace AiFactory.ModelLibrary.Sync;

/// <param name="Hex">SHA-256.</param>
/// <param name="WasThere">Whether object storage held these bytes already.</param>
internal sealed record CopiedArtifact(string Hex, long Size, bool WasThere);
