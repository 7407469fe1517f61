using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Documents;

internal sealed class DocumentStore(Database database)
{
    internal const string Columns =
        "id, base_id, name, content_type, charset, size, digest, object_prefix, text_length, state, error, chunks, embedded, attempts, deaths, created_by, created_at, updated_at";

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<DocumentRow>> ListAsync(Guid baseId, Guid? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<DocumentRow>(
            $"""
            select {Columns} from knowledge_documents
            where base_id = @baseId and (@after::uuid is null or id < @after)
            order by id desc
            limit @limit
            """,
            new { baseId, after, limit },
            cancellationToken);

    internal Task<DocumentRow?> FindAsync(Guid baseId, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<DocumentRow>(
            $"select {Columns} from knowledge_documents where base_id = @baseId and id = @id", new { baseId, id }, cancellationToken);

    internal Task<DocumentRow?> FindByNameAsync(Guid baseId, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<DocumentRow>(
            $"select {Columns} from knowledge_documents where base_id = @baseId and name = @name", new { baseId, name }, cancellationToken);

    internal Task<DocumentRow?> LockByNameAsync(DatabaseTransaction transaction, Guid baseId, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<DocumentRow>(
            $"select {Columns} from knowledge_documents where base_id = @baseId and name = @name for update", new { baseId, name }, cancellationToken);

    /// <summary>How many documents of the project wait to be taken in. Until the transaction ends no other of the project asks, so that each is counted.</summary>
    internal async Task<long> CountWaitingAsync(DatabaseTransaction transaction, string project, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('documents of ' || @project, 0))", new { project }, cancellationToken);
        return await transaction.FirstOrDefaultAsync<long>(
            """
            select count(*)
            from knowledge_documents as document
            join knowledge_bases as base on base.id = document.base_id
            where base.project = @project and document.state in ('queued', 'parsing', 'embedding')
            """,
            new { project },
            cancellationToken);
    }

    internal Task InsertAsync(DatabaseTransaction transaction, DocumentRow row, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into knowledge_documents (id, base_id, name, content_type, charset, size, digest, object_prefix, state, next_at, created_by, created_at, updated_at)
            values (@Id, @BaseId, @Name, @ContentType, @Charset, @Size, @Digest, @ObjectPrefix, @State, @UpdatedAt, @CreatedBy, @CreatedAt, @UpdatedAt)
            """,
            row,
            cancellationToken);

    /// <summary>The document has another content and begins anew. What was made of the former stays until this one is parsed, and is not found meanwhile.</summary>
    internal Task ReplaceAsync(DatabaseTransaction transaction, DocumentRow row, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update knowledge_documents set
              content_type = @ContentType, charset = @Charset, size = @Size, digest = @Digest, object_prefix = @ObjectPrefix, text_length = null,
              state = @State, error = null, chunks = 0, embedded = 0, attempts = 0, deaths = 0, next_at = @UpdatedAt, claim = null, claimed_until = null,
              updated_at = @UpdatedAt
            where id = @Id
            """,
            row,
            cancellationToken);

    /// <summary>A document that failed begins anew, where it stood; one that waits for its next attempt has it now. False when it is neither.</summary>
    internal async Task<bool> RetryAsync(DatabaseTransaction transaction, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            update knowledge_documents set
              state = case when state <> 'failed' then state when chunks > 0 then 'embedding' else 'queued' end,
              error = null, attempts = 0, deaths = 0, next_at = @now, updated_at = @now
            where id = @id and (state = 'failed' or (state in ('queued', 'parsing', 'embedding') and claim is null))
            """,
            new { id, now },
            cancellationToken) == 1;

    internal async Task<DocumentRow?> DeleteAsync(DatabaseTransaction transaction, Guid baseId, Guid id, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<DocumentRow>(
            $"delete from knowledge_documents where base_id = @baseId and id = @id returning {Columns}", new { baseId, id }, cancellationToken);

    /// <summary>Which of the prefixes no document has.</summary>
    internal Task<IReadOnlyList<string>> UnknownPrefixesAsync(string[] prefixes, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(
            """
            select prefix from unnest(@prefixes) as prefix
            where not exists (select 1 from knowledge_documents where object_prefix = prefix)
            """,
            new { prefixes },
            cancellationToken);
}
