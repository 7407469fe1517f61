using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Search;

internal sealed class PassageStore(Database database)
{
    /// <summary>The documents of a base that have one of these names, ready or not.</summary>
    internal Task<IReadOnlyList<NamedDocument>> NamedAsync(Guid baseId, IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        database.QueryAsync<NamedDocument>(
            "select id, name from knowledge_documents where base_id = @baseId and name = any(@names)", new { baseId, names = names.Select(name => name.Replace('\0', ' ')).ToArray() }, cancellationToken);

    /// <summary>Of those asked for, what is there and ready, in no order.</summary>
    internal Task<IReadOnlyList<PassageRow>> ListAsync(IReadOnlyList<ChunkKey> keys, CancellationToken cancellationToken) =>
        database.QueryAsync<PassageRow>(
            """
            select chunk.document_id, document.name as document_name, chunk.ordinal, chunk.text, chunk.start_at, chunk.end_at
            from unnest(@documents, @ordinals) as asked(document_id, ordinal)
            join knowledge_chunks as chunk on chunk.document_id = asked.document_id and chunk.ordinal = asked.ordinal
            join knowledge_documents as document on document.id = chunk.document_id
            where document.state = 'ready'
            """,
            new { documents = keys.Select(key => key.DocumentId).ToArray(), ordinals = keys.Select(key => key.Ordinal).ToArray() },
            cancellationToken);
}
