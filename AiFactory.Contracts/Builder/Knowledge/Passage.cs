namespace AiFactory.Contracts.Builder.Knowledge;

/// <summary>A piece of a document that a search found.</summary>
/// <param name="KnowledgeBase">The base that the document is in; null where it was written down before bases were named.</param>
/// <param name="Ordinal">Its place among the document's passages, from 0.</param>
/// <param name="Start">Where it begins in the document's text (see <see cref="DocumentText"/>); <paramref name="Text"/> is exactly what stands from here to <paramref name="End"/>.</param>
/// <param name="Score">What the results are ordered by: the sum of 1 / (60 + rank) over the searches that found it, or the one search's own score.</param>
/// <param name="VectorRank">Its place by meaning, from 1; null when not among the candidates.</param>
/// <param name="VectorScore">Cosine of the two embeddings, -1 to 1.</param>
/// <param name="TextRank">Its place by words, from 1; null when not among the candidates.</param>
/// <param name="TextScore">How much of the question's words it has, rare ones counting more (like BM25's, of no fixed scale).</param>
public sealed record Passage(
    string? KnowledgeBase,
    Guid DocumentId,
    string DocumentName,
    int Ordinal,
    string Text,
    int Start,
    int End,
    double Score,
    int? VectorRank,
    double? VectorScore,
    int? TextRank,
    double? TextScore);
