namespace AiFactory.Contracts.Builder.Knowledge;

/// <summary>What answers a search by meaning.</summary>
public static class SearchIndexes
{
    /// <summary>Every vector is compared, in the service's memory.</summary>
    public const string Exact = "exact";

    /// <summary>An HNSW index of the database.</summary>
    public const string PgVector = "pgvector";
}
