namespace AiFactory.Builder.Knowledge.Chunking;

/// <summary>A passage: the text of a document from <paramref name="Start"/> to <paramref name="End"/>.</summary>
/// <param name="Heading">The titles above it, the highest first, as <c>Operation > Backups</c>; empty where there are none.</param>
internal readonly record struct Chunk(int Ordinal, int Start, int End, string Heading);
