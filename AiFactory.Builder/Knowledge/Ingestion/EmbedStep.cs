using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Documents;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>Embeds the passages of a document, batch by batch, from where the last batch ended.</summary>
internal sealed class EmbedStep(
    Database database,
    KnowledgeBaseStore bases,
    IngestionStore store,
    ChunkStore chunks,
    Embedder embedder,
    VectorIndexes indexes,
    IOptions<KnowledgeOptions> options,
    TimeProvider time)
{
    /// <summary>True when the document is ready, false when its turn is over.</summary>
    /// <exception cref="Models.ModelCallException">The model did not answer, or refused.</exception>
    /// <exception cref="DocumentException">The model's vectors do not fit the base's.</exception>
    internal async Task<bool> RunAsync(Claim claim, CancellationToken cancellationToken)
    {
        var document = claim.Document;
        var begin = time.GetTimestamp();
        while (document.Embedded < document.Chunks)
        {
            document = await EmbedAsync(claim, document, cancellationToken);
            if (document.Embedded < document.Chunks && time.GetElapsedTime(begin) > options.Value.Turn)
            {
                return false;
            }
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        var revision = await bases.RaiseRevisionAsync(transaction, document.BaseId, cancellationToken);
        await store.HoldAsync(transaction, claim, cancellationToken);
        await store.ReadyAsync(transaction, document.Id, revision, time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<DocumentRow> EmbedAsync(Claim claim, DocumentRow document, CancellationToken cancellationToken)
    {
        var batch = await chunks.ListAsync(document.Id, document.Embedded, options.Value.BatchSize, cancellationToken);
        if (batch.Count == 0)
        {
            // The passages are gone: the document was deleted or has a new content.
            throw new LeaseLostException();
        }

        var vectors = await embedder.EmbedAsync(claim.Base.Project, claim.Base.EmbeddingModel, [.. batch.Select(chunk => chunk.Input)], cancellationToken);
        var dimensions = vectors[0].Length;
        var isFirst = claim.Base.Dimensions is null;
        var done = document with { Embedded = document.Embedded + batch.Count };
        await using (var transaction = await database.BeginAsync(cancellationToken))
        {
            var expected = isFirst ? await bases.FixDimensionsAsync(transaction, document.BaseId, dimensions, cancellationToken) : claim.Base.Dimensions;
            if (expected is { } wanted && vectors.FirstOrDefault(vector => vector.Length != wanted) is { } odd)
            {
                throw new DocumentException(
                    $"The model '{claim.Base.EmbeddingModel}' gives vectors of {odd.Length} numbers, but those of this knowledge base have {wanted}. Make a new knowledge base for the changed model.");
            }

            await store.HoldAsync(transaction, claim, cancellationToken);
            await chunks.AddEmbeddingsAsync(
                transaction, document.BaseId, document.Id, document.Embedded, batch.Count, dimensions, [.. vectors.SelectMany(vector => vector)], cancellationToken);
            await store.EmbeddedAsync(transaction, document.Id, done.Embedded, time.GetUtcNow(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        if (isFirst)
        {
            indexes.Announce();
        }

        return done;
    }
}
