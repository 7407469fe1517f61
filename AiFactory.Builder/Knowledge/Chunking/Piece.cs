namespace AiFactory.Builder.Knowledge.Chunking;

/// <summary>A part of a text that is not divided.</summary>
internal readonly record struct Piece(int Start, int End);
