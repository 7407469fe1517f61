namespace AiFactory.Builder.Knowledge.Search;

internal readonly record struct ChunkKey(Guid DocumentId, int Ordinal);
