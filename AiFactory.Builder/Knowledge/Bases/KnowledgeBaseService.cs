using System.Text.RegularExpressions;
using AiFactory.Builder.Knowledge.Documents;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Knowledge.Bases;

internal sealed partial class KnowledgeBaseService(KnowledgeBaseStore store, DocumentObjects objects, VectorIndexes indexes, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const string DefaultModel = "demo-embed";
    private const int DefaultSize = 600;
    private const int DefaultOverlap = 100;

    internal async Task<Outcome<Page<KnowledgeBaseResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken) =>
        Paging.TryLimit(asked, out var limit)
            ? Paging.Page(await store.ListAsync(project, after, limit + 1, cancellationToken), limit, row => row.ToResponse(), row => row.Name)
            : Paging.BadLimit<Page<KnowledgeBaseResponse>>();

    internal async Task<Outcome<KnowledgeBaseRow>> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        await store.FindCountedAsync(project, name, cancellationToken) is { } row ? row : Missed<KnowledgeBaseRow>(name);

    internal async Task<Outcome<KnowledgeBaseRow>> CreateAsync(string project, KnowledgeBaseRequest request, string actor, CancellationToken cancellationToken)
    {
        var size = request.ChunkSize ?? DefaultSize;
        var overlap = request.ChunkOverlap ?? Math.Min(DefaultOverlap, size / 4);
        var errors = new FieldErrors();
        errors.Require(Name().IsMatch(request.Name ?? ""), "name", "The name must be 1 to 40 lower-case letters, digits and hyphens, and begin and end with a letter or digit.");
        errors.Require((request.Description ?? "").Length <= 2000, "description", "The description must have at most 2000 characters.");
        errors.Require((request.EmbeddingModel ?? DefaultModel).Length is >= 1 and <= 200, "embeddingModel", "The embedding model must have 1 to 200 characters.");
        errors.Require(size is >= 100 and <= 8000, "chunkSize", "The chunk size must be 100 to 8000 characters.");
        errors.Require(overlap >= 0 && overlap <= size / 2, "chunkOverlap", "The overlap must be 0 to half of the chunk size.");
        if (errors.Any)
        {
            return errors.ToOutcome<KnowledgeBaseRow>();
        }

        var now = time.GetUtcNow();
        var row = new KnowledgeBaseRow
        {
            Id = Guid.CreateVersion7(now),
            Project = project,
            Name = request.Name ?? "",
            Description = request.Description ?? "",
            EmbeddingModel = request.EmbeddingModel ?? DefaultModel,
            ChunkSize = size,
            ChunkOverlap = overlap,
            CreatedBy = actor,
            CreatedAt = now,
        };
        return await store.InsertAsync(row, cancellationToken) ? row : new Outcome<KnowledgeBaseRow>.Conflict($"There is a knowledge base '{row.Name}' already.");
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string name, CancellationToken cancellationToken)
    {
        if (await store.DeleteAsync(project, name, cancellationToken) is not { } id)
        {
            return Missed<bool>(name);
        }

        // The base is gone; what is left of it is removed even when the caller has left, and by the sweep when this process dies here.
        indexes.Forget(id);
        await objects.DeleteAllAsync(project, id, CancellationToken.None);
        return true;
    }

    /// <summary>Goes on when the caller has left: a large index takes longer than many a client waits.</summary>
    internal async Task<Outcome<bool>> RebuildIndexAsync(string project, string name, CancellationToken cancellationToken) =>
        await store.FindAsync(project, name, cancellationToken) is { } row ? await indexes.RebuildAsync(row, lifetime.ApplicationStopping) : Missed<bool>(name);

    internal static Outcome<T> Missed<T>(string name) => Outcome<T>.Missed("knowledge base", name);

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
