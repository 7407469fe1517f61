using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Models;
using AiFactory.Builder.Telemetry;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Knowledge.Search;

/// <summary>Finds passages, by meaning, by words, or by both fused.</summary>
internal sealed class KnowledgeSearch(
    KnowledgeBaseStore bases, Embedder embedder, VectorIndexes indexes, TextSearchStore texts, PassageStore passages, BuilderTelemetry telemetry, TimeProvider time)
{
    internal const int MostResults = 50;

    private const int MostCharacters = 8000;

    private const int MostDocuments = 100;

    /// <summary>Each order is looked through so deep before they are fused.</summary>
    private const int LeastCandidates = 50;

    /// <summary>For the builder's other parts.</summary>
    /// <exception cref="KnowledgeSearchException">There is no such base, its model does not answer, or what is asked for is not valid.</exception>
    internal async Task<IReadOnlyList<Passage>> SearchAsync(string project, string baseName, SearchRequest request, CancellationToken cancellationToken) =>
        await FindAsync(project, baseName, request, cancellationToken) switch
        {
            Outcome<SearchResponse>.Done { Value.Results: var results } => results,
            Outcome<SearchResponse>.Missing missing => throw new KnowledgeSearchException($"There is no {missing.Kind} '{missing.Id}'.", isTransient: false),
            Outcome<SearchResponse>.Invalid invalid => throw new KnowledgeSearchException(string.Join(" ", invalid.Errors.SelectMany(error => error.Value)), isTransient: false),
            Outcome<SearchResponse>.Conflict conflict => throw new KnowledgeSearchException(conflict.Detail, isTransient: false),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no outcome of a search."),
        };

    /// <exception cref="KnowledgeSearchException">The base's model does not answer.</exception>
    internal async Task<Outcome<SearchResponse>> FindAsync(string project, string baseName, SearchRequest request, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        var query = request.Query?.Trim() ?? "";
        var limit = request.Limit ?? 5;
        var mode = request.Mode ?? SearchModes.Hybrid;
        var errors = new FieldErrors();
        errors.Require(query.Length is >= 1 and <= MostCharacters, "query", $"The query must have 1 to {MostCharacters} characters.");
        errors.Require(limit is >= 1 and <= MostResults, "limit", $"The limit must be 1 to {MostResults}.");
        errors.Require(mode is SearchModes.Hybrid or SearchModes.Vector or SearchModes.Text, "mode", "The mode must be hybrid, vector or text.");
        errors.Require(request.Documents is null || (request.Documents.Count <= MostDocuments && request.Documents.All(name => name is not null)), "documents", $"Up to {MostDocuments} documents can be named.");
        if (errors.Any)
        {
            return errors.ToOutcome<SearchResponse>();
        }

        if (await bases.FindAsync(project, baseName, cancellationToken) is not { } owner)
        {
            return KnowledgeBaseService.Missed<SearchResponse>(baseName);
        }

        var (only, unknown) = await OnlyAsync(owner, request.Documents, cancellationToken);
        if (unknown is not null)
        {
            return FieldErrors.Of<SearchResponse>("documents", $"The knowledge base '{baseName}' has no document '{unknown}'.");
        }

        using var activity = telemetry.Source.StartActivity("search knowledge")?.SetTag("aifactory.search.mode", mode);
        var candidates = mode == SearchModes.Hybrid ? Math.Max(LeastCandidates, limit) : limit;
        // NUL is no character of Postgres' text.
        var byWords = mode == SearchModes.Vector ? null : texts.SearchAsync(owner.Id, query.Replace('\0', ' '), only, candidates, cancellationToken);
        var byMeaning = mode == SearchModes.Text ? null : SearchByMeaningAsync(owner, query, only, candidates, cancellationToken);
        await Task.WhenAll(byWords ?? Task.CompletedTask, byMeaning ?? Task.CompletedTask);
        if (byMeaning is not null && await byMeaning is Outcome<IReadOnlyList<Candidate>>.Conflict conflict)
        {
            return new Outcome<SearchResponse>.Conflict(conflict.Detail);
        }

        var vector = byMeaning is null ? null : (await byMeaning as Outcome<IReadOnlyList<Candidate>>.Done)?.Value;
        var fused = ReciprocalRankFusion.Fuse(vector, byWords is null ? null : await byWords, limit);
        var results = await ReadAsync(owner, fused, cancellationToken);
        return new SearchResponse(results, indexes.Kind(owner), Math.Round(time.GetElapsedTime(begin).TotalMilliseconds, 2));
    }

    /// <summary>The documents that are named, null for all; or the first name that none has.</summary>
    private async Task<(Guid[]? Only, string? Unknown)> OnlyAsync(KnowledgeBaseRow owner, IReadOnlyList<string>? names, CancellationToken cancellationToken)
    {
        if (names is not { Count: > 0 })
        {
            return (null, null);
        }

        var known = (await passages.NamedAsync(owner.Id, names, cancellationToken)).ToDictionary(document => document.Name, document => document.Id, StringComparer.Ordinal);
        var unknown = names.FirstOrDefault(name => !known.ContainsKey(name));
        return (unknown is null ? [.. known.Values] : null, unknown);
    }

    private async Task<Outcome<IReadOnlyList<Candidate>>> SearchByMeaningAsync(KnowledgeBaseRow owner, string query, Guid[]? only, int limit, CancellationToken cancellationToken)
    {
        if (owner.Dimensions is not { } dimensions)
        {
            // Nothing is embedded yet: no reason to ask the model.
            return new Outcome<IReadOnlyList<Candidate>>.Done([]);
        }

        var vector = await EmbedAsync(owner, query, cancellationToken);
        return vector.Length == dimensions
            ? await indexes.SearchAsync(owner, vector, only, limit, cancellationToken)
            : new Outcome<IReadOnlyList<Candidate>>.Conflict(
                $"The model '{owner.EmbeddingModel}' gives vectors of {vector.Length} numbers, but those of this knowledge base have {dimensions}. Make a new knowledge base for the changed model.");
    }

    private async Task<float[]> EmbedAsync(KnowledgeBaseRow owner, string query, CancellationToken cancellationToken)
    {
        try
        {
            return (await embedder.EmbedAsync(owner.Project, owner.EmbeddingModel, [query], cancellationToken))[0];
        }
        catch (Exception error) when (error is ModelCallException or DocumentException)
        {
            throw new KnowledgeSearchException(
                $"The question cannot be compared by meaning, because the model '{owner.EmbeddingModel}' does not embed it: {error.Message} The mode 'text' needs no model.",
                error is ModelCallException { IsTransient: true },
                error);
        }
    }

    private async Task<IReadOnlyList<Passage>> ReadAsync(KnowledgeBaseRow owner, IReadOnlyList<FusedCandidate> fused, CancellationToken cancellationToken)
    {
        if (fused.Count == 0)
        {
            return [];
        }

        var rows = (await passages.ListAsync([.. fused.Select(candidate => candidate.Key)], cancellationToken))
            .ToDictionary(row => new ChunkKey(row.DocumentId, row.Ordinal));
        return
        [
            .. from candidate in fused
               // One that was deleted since is left out.
               where rows.ContainsKey(candidate.Key)
               let row = rows[candidate.Key]
               select new Passage(
                   owner.Name,
                   row.DocumentId,
                   row.DocumentName,
                   row.Ordinal,
                   row.Text,
                   row.StartAt,
                   row.EndAt,
                   candidate.Score,
                   candidate.VectorRank,
                   candidate.VectorScore,
                   candidate.TextRank,
                   candidate.TextScore),
        ];
    }
}
