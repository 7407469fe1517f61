using System.Numerics.Tensors;

namespace AiFactory.Builder.Knowledge.Search.Exact;

/// <summary>All vectors of a base at one revision. It never changes, so that searches need no lock.</summary>
internal sealed class VectorImage(long revision, int dimensions, IReadOnlyDictionary<Guid, VectorSegment> segments)
{
    internal static VectorImage Empty { get; } = new(-1, 0, new Dictionary<Guid, VectorSegment>());

    internal long Revision => revision;

    internal IReadOnlyDictionary<Guid, VectorSegment> Segments => segments;

    /// <summary>The passages whose vectors are nearest, the nearest first.</summary>
    /// <param name="query">Of unit length.</param>
    /// <param name="only">The documents to search; all when null.</param>
    internal IReadOnlyList<Candidate> Search(ReadOnlySpan<float> query, Guid[]? only, int limit)
    {
        // The least of the best stands at the head, where the next better one takes its place.
        var best = new PriorityQueue<ChunkKey, float>(limit + 1);
        var least = float.NegativeInfinity;
        foreach (var segment in only is null ? segments.Values : only.Where(segments.ContainsKey).Select(document => segments[document]))
        {
            ReadOnlySpan<float> vectors = segment.Vectors;
            for (var ordinal = 0; vectors.Length >= dimensions && dimensions > 0; ordinal++, vectors = vectors[dimensions..])
            {
                var score = TensorPrimitives.Dot(query, vectors[..dimensions]);
                if (best.Count < limit)
                {
                    best.Enqueue(new ChunkKey(segment.DocumentId, ordinal), score);
                }
                else if (score > least)
                {
                    best.DequeueEnqueue(new ChunkKey(segment.DocumentId, ordinal), score);
                }
                else
                {
                    continue;
                }

                best.TryPeek(out _, out least);
            }
        }

        return
        [
            .. best.UnorderedItems
                .OrderByDescending(item => item.Priority)
                .ThenBy(item => item.Element.DocumentId)
                .ThenBy(item => item.Element.Ordinal)
                .Select(item => new Candidate { DocumentId = item.Element.DocumentId, Ordinal = item.Element.Ordinal, Score = item.Priority }),
        ];
    }
}
