namespace AiFactory.Builder.Knowledge.Search.Exact;

/// <summary>The vectors of one document.</summary>
/// <param name="Revision">The base's revision when the document became ready: a document that was read anew has another one.</param>
/// <param name="Vectors"><c>[passage, dimension]</c>, of unit length.</param>
internal sealed record VectorSegment(Guid DocumentId, long Revision, float[] Vectors);
