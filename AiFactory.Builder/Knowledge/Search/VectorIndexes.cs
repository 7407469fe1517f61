using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Search.Exact;
using AiFactory.Builder.Knowledge.Search.PgVector;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Knowledge.Search;

/// <summary>Search by meaning: in the database's index where the base has one, else exactly, in memory.</summary>
internal sealed class VectorIndexes(VectorImages images, PgVectorIndex index)
{
    private volatile bool _hasPgVector;

    internal Signal Signal { get; } = new();

    internal bool HasPgVector
    {
        get => _hasPgVector;
        set => _hasPgVector = value;
    }

    internal string Kind(KnowledgeBaseRow owner) => HasPgVector && owner.Indexed ? SearchIndexes.PgVector : SearchIndexes.Exact;

    internal async Task<Outcome<IReadOnlyList<Candidate>>> SearchAsync(KnowledgeBaseRow owner, float[] query, Guid[]? only, int limit, CancellationToken cancellationToken) =>
        Kind(owner) == SearchIndexes.PgVector
            ? new Outcome<IReadOnlyList<Candidate>>.Done(await index.SearchAsync(owner, query, only, limit, cancellationToken))
            : await images.SearchAsync(owner, query, only, limit, cancellationToken);

    /// <summary>Makes the base's index in the database anew while it is searched.</summary>
    internal async Task<Outcome<bool>> RebuildAsync(KnowledgeBaseRow owner, CancellationToken cancellationToken)
    {
        if (Kind(owner) != SearchIndexes.PgVector)
        {
            return new Outcome<bool>.Conflict($"The knowledge base '{owner.Name}' has no index that could be rebuilt: its vectors are searched exactly.");
        }

        var outcome = await index.RebuildAsync(owner.Id, cancellationToken);
        if (outcome is Outcome<bool>.Conflict)
        {
            // The index may be gone: then it is made now.
            Signal.Raise();
        }

        return outcome;
    }

    /// <summary>A base has its first vectors.</summary>
    internal void Announce() => Signal.Raise();

    /// <summary>A base is gone; its index in the database follows.</summary>
    internal void Forget(Guid baseId)
    {
        images.Forget(baseId);
        Signal.Raise();
    }
}
