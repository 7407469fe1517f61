using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// The door to the caches. They stand behind all that says whether a request may be made, and before all that looks for a replica: a hit waits in no queue and needs none.
/// </summary>
internal sealed class Caches(ResponseCache responses, EmbeddingCache embeddings, CacheAnswers answers)
{
    private static readonly TimeSpan UsualTtl = TimeSpan.FromHours(1);

    public static TimeSpan TtlOf(CachePolicy policy) => policy.Ttl ?? UsualTtl;

    /// <summary>Which answers to this operation are kept; null for none.</summary>
    public static CacheKind? KindOf(CachePolicy policy, Operation operation)
    {
        if (operation == Operation.Embedding)
        {
            return policy.Embeddings ? CacheKind.Embedding : null;
        }

        return policy.Responses && (operation == Operation.ChatCompletion || operation == Operation.Completion || operation == Operation.Rerank || operation == Operation.Score)
            ? CacheKind.Response
            : null;
    }

    /// <summary>Whether the answer that passed was whole, and one of the deployment that was asked: not of a fallback, nor of another version that came meanwhile.</summary>
    public static bool IsAnswerOf(Exchange exchange, DeploymentRoute asked)
    {
        var answered = exchange.Deployment.Route;
        return exchange.Error is null && exchange.Context.Response.StatusCode == StatusCodes.Status200OK && IsSame(answered, asked);
    }

    public static bool IsSame(DeploymentRoute answered, DeploymentRoute asked) => (answered.Id, answered.Digest, answered.ServesFormer) == (asked.Id, asked.Digest, false);

    /// <param name="ask">Brings the request to a replica, and its answer to the client.</param>
    public Task AnswerAsync(Exchange exchange, CachePolicy policy, Func<Exchange, Task> ask)
    {
        if (KindOf(policy, exchange.Operation) is not { } kind)
        {
            return ask(exchange);
        }

        // While replicas serve another version than the one that is said, nobody knows whose an answer is.
        var said = CacheDirectives.Of(exchange.Context.Request.Headers).Within(TtlOf(policy));
        if (said is { Reads: false, Keeps: false } || exchange.Deployment.Route.ServesFormer)
        {
            answers.Mark(exchange, kind, CacheMark.Bypass);
            return ask(exchange);
        }

        return kind == CacheKind.Embedding ? embeddings.AnswerAsync(exchange, policy, said, ask) : responses.AnswerAsync(exchange, policy, said, ask);
    }
}
