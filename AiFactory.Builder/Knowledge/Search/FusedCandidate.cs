namespace AiFactory.Builder.Knowledge.Search;

/// <param name="VectorRank">From 1; null when that search did not find it.</param>
internal sealed record FusedCandidate(ChunkKey Key, double Score, int? VectorRank, double? VectorScore, int? TextRank, double? TextScore);
