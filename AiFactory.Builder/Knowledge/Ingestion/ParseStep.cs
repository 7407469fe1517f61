using AiFactory.Builder.Knowledge.Chunking;
using AiFactory.Builder.Knowledge.Documents;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>Takes the text out of a document and divides it into passages.</summary>
internal sealed partial class ParseStep(
    Database database,
    IngestionStore store,
    ChunkStore chunks,
    DocumentObjects objects,
    IOptions<KnowledgeOptions> options,
    TimeProvider time,
    ILogger<ParseStep> logger)
{
    /// <exception cref="DocumentException">The document cannot be read.</exception>
    internal async Task<DocumentRow> RunAsync(Claim claim, CancellationToken cancellationToken)
    {
        var document = claim.Document;
        if (document.Size > options.Value.MaximumDocumentBytes)
        {
            // The setting was lowered since.
            throw new DocumentException(new DocumentTooLargeException(options.Value.MaximumDocumentBytes).Message);
        }

        var bytes = await objects.ReadDocumentAsync(document, cancellationToken);
        var (text, passages) = await ParseAsync(claim, bytes, cancellationToken);
        await objects.PutTextAsync(document, text, cancellationToken);

        var now = time.GetUtcNow();
        await using var transaction = await database.BeginAsync(cancellationToken);
        await store.HoldAsync(transaction, claim, cancellationToken);
        await chunks.ReplaceAsync(transaction, document.BaseId, document.Id, text, passages, cancellationToken);
        await store.ParsedAsync(transaction, document.Id, text.Length, passages.Count, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return document with { State = Contracts.Builder.Knowledge.DocumentStates.Embedding, TextLength = text.Length, Chunks = passages.Count, Embedded = 0, Attempts = 0 };
    }

    private async Task<(string Text, IReadOnlyList<Chunk> Chunks)> ParseAsync(Claim claim, byte[] bytes, CancellationToken cancellationToken)
    {
        var document = claim.Document;
        var format = DocumentFormats.Find(document.ContentType, document.Name)
            ?? throw new DocumentException($"Documents of the type {document.ContentType} cannot be read. They can be {DocumentFormats.Readable}.");
        using var timeout = new CancellationTokenSource(options.Value.ParseTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var content = new DocumentContent(document.Name, document.Charset, bytes);
        try
        {
            // Not on a thread that answers requests. A parser that does not look at its token is left behind when the time is over.
            return await Task.Run(Parse, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DocumentException($"Reading the document took longer than {options.Value.ParseTimeout.TotalSeconds:0} s (setting Knowledge:ParseTimeout).");
        }
        catch (Exception error) when (error is not (OperationCanceledException or DocumentException))
        {
            // A parser met what it does not expect: this document fails, and nothing else. It has the bytes: nothing that it needs can be away.
            LogParserFailed(logger, error, document.Id, document.ContentType);
            throw new DocumentException($"The document cannot be read: it is not a valid {document.ContentType}.");
        }

        (string Text, IReadOnlyList<Chunk> Chunks) Parse()
        {
            var limits = new ParseLimits(options.Value.MaximumTextLength, options.Value.MaximumPdfBytes);
            var extracted = format.Parser.Parse(content, limits, either.Token);
            return (extracted.Text, new Chunker(claim.Base.ChunkSize, claim.Base.ChunkOverlap).Divide(extracted, either.Token));
        }
    }

    [LoggerMessage(4353, LogLevel.Warning, "The parser of document {Document} ({ContentType}) failed")]
    private static partial void LogParserFailed(ILogger logger, Exception error, Guid document, string contentType);
}
