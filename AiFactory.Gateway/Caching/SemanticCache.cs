using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Answers to questions that mean nearly the same, as an embedding model of the same project sees it. Whatever goes wrong with that, the question is asked as it is.</summary>
internal sealed class SemanticCache(CurrentRoutes routes, SemanticIndex index, TextEmbedder embedder, CacheLevels levels, IOptions<CachingOptions> options)
{
    /// <returns>Where the question stands; null where that cannot be told.</returns>
    public async Task<SemanticPlace?> PlaceAsync(Exchange exchange, Question question)
    {
        // What judges a text would give the verdict on another one, which is near to it.
        if (exchange.IsPart
            || exchange.Named.Route.Cache?.Semantic is not { Embeddings: { } name } policy
            || routes.Table?.RoutesOf(exchange.Named.Project).Find(name) is not { Route: { Task: ModelTasks.Embedding, Revoked: null, ServesFormer: false } } embeddings
            || embeddings.Project != exchange.Named.Project
            || (await embedder.EmbedAsync(new PartOf(exchange.Context, exchange.Caller, exchange.Reservation, exchange.Token), embeddings, [question.Text], options.Value.SemanticWait, isLimit: false)).Vectors is not [var vector])
        {
            return null;
        }

        // Vectors of another model, or of another version of it, are not comparable.
        var scope = CacheKey.Of([.. question.Around.ToBytes(), .. embeddings.Route.Id.ToByteArray(), .. System.Text.Encoding.UTF8.GetBytes(embeddings.Route.Digest)]);
        return new SemanticPlace(scope, vector, policy.Threshold);
    }

    /// <summary>The answer to the nearest question of those that are near enough, and whose answer is still there.</summary>
    public async Task<CacheEntry?> FindAsync(Exchange exchange, CacheDirectives said, SemanticPlace place)
    {
        foreach (var answer in index.Near(place.Scope, place.Vector, place.Threshold))
        {
            if (levels.TryGet(answer, said, out var entry) || (entry = await levels.FindStoredAsync(answer, said, exchange.Token)) is not null)
            {
                return entry;
            }

            index.Remove(place.Scope, answer);
        }

        return null;
    }

    public void Add(SemanticPlace place, CacheKey answer) => index.Add(place.Scope, place.Vector, answer);
}
