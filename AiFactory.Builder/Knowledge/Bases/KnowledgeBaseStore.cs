using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Bases;

internal sealed class KnowledgeBaseStore(Database database)
{
    private const string Columns =
        "base.id, base.project, base.name, base.description, base.embedding_model, base.chunk_size, base.chunk_overlap, base.dimensions, base.revision, base.indexed, base.rebuilt_at, base.created_by, base.created_at";

    private const string Counted =
        $"""
        select {Columns}, coalesce(sums.documents, 0) as documents, coalesce(sums.chunks, 0) as chunks, coalesce(sums.bytes, 0) as bytes
        from knowledge_bases as base
        cross join lateral (
          select count(*) as documents, sum(chunks)::bigint as chunks, sum(size)::bigint as bytes from knowledge_documents where base_id = base.id) as sums
        """;

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<KnowledgeBaseRow>> ListAsync(string project, string? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<KnowledgeBaseRow>(
            $"""
            {Counted}
            where base.project = @project and (@after::text is null or base.name > @after)
            order by base.name
            limit @limit
            """,
            new { project, after, limit },
            cancellationToken);

    internal Task<KnowledgeBaseRow?> FindCountedAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<KnowledgeBaseRow>($"{Counted} where base.project = @project and base.name = @name", new { project, name }, cancellationToken);

    internal Task<KnowledgeBaseRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<KnowledgeBaseRow>(
            $"select {Columns} from knowledge_bases as base where base.project = @project and base.name = @name", new { project, name }, cancellationToken);

    internal Task<KnowledgeBaseRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<KnowledgeBaseRow>($"select {Columns} from knowledge_bases as base where base.id = @id", new { id }, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(KnowledgeBaseRow row, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            insert into knowledge_bases (id, project, name, description, embedding_model, chunk_size, chunk_overlap, created_by, created_at)
            values (@Id, @Project, @Name, @Description, @EmbeddingModel, @ChunkSize, @ChunkOverlap, @CreatedBy, @CreatedAt)
            on conflict (project, name) do nothing
            """,
            row,
            cancellationToken) == 1;

    /// <summary>With all that belongs to it in the database; answers its id, or null when there is none.</summary>
    internal Task<Guid?> DeleteAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<Guid?>(
            "delete from knowledge_bases where project = @project and name = @name returning id", new { project, name }, cancellationToken);

    internal Task RebuiltAsync(Guid id, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update knowledge_bases set rebuilt_at = @at where id = @id", new { id, at }, cancellationToken);

    /// <summary>Keeps the length of the first embedding; answers the length that counts, null when the base is gone.</summary>
    internal Task<int?> FixDimensionsAsync(DatabaseTransaction transaction, Guid id, int dimensions, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<int?>(
            "update knowledge_bases set dimensions = coalesce(dimensions, @dimensions) where id = @id returning dimensions", new { id, dimensions }, cancellationToken);

    /// <summary>Answers the new revision. The row stays locked until the end of the transaction, so that revisions become visible in their order.</summary>
    internal Task<long> RaiseRevisionAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<long>(
            "update knowledge_bases set revision = revision + 1 where id = @id returning revision", new { id }, cancellationToken);
}
