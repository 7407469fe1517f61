using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Whole answers: one that was given before goes to whoever of the same project asks the same.</summary>
internal sealed class ResponseCache(CacheLevels levels, Flights flights, SemanticCache semantic, CacheAnswers answers, IOptions<CachingOptions> options, TimeProvider time)
{
    private readonly int _largest = options.Value.LargestAnswer;

    /// <param name="ask">Brings the request to a replica, and its answer to the client.</param>
    public async Task AnswerAsync(Exchange exchange, CachePolicy policy, CacheDirectives said, Func<Exchange, Task> ask)
    {
        if (CacheRequest.Of(exchange, policy) is not { } request)
        {
            answers.Mark(exchange, CacheKind.Response, CacheMark.Bypass);
            await ask(exchange);
            return;
        }

        // 1. It is there, or comes with an equal request that is under way.
        var leads = false;
        if (said.Reads)
        {
            (var found, leads) = await flights.FindAsync(
                exchange,
                request.Key,
                said.Keeps,
                leads: !exchange.Stream, // at the pace of its client, for which nobody waits
                () => levels.TryGet(request.Key, said, out var kept) ? kept : null,
                () => levels.FindStoredAsync(request.Key, said, exchange.Token));
            if (found is not null && await TryGiveAsync(exchange, request, found, CacheMark.Hit))
            {
                return;
            }
        }

        var isKept = false;
        try
        {
            // 2. Or that of a question which means nearly the same.
            var place = request.Question is { } question && said is { Reads: true, Keeps: true } ? await semantic.PlaceAsync(exchange, question) : null;
            if (place is not null && await semantic.FindAsync(exchange, said, place) is { } near && await TryGiveAsync(exchange, request, near, CacheMark.Semantic))
            {
                isKept = true;
                return;
            }

            // 3. It is asked for, and kept.
            answers.Mark(exchange, CacheKind.Response, said.Reads ? CacheMark.Miss : CacheMark.Bypass);
            isKept = await AskAsync(exchange, policy, said, request, ask);
            if (isKept && place is not null)
            {
                semantic.Add(place, request.Key);
            }
        }
        finally
        {
            if (leads)
            {
                flights.End(request.Key, looksAgain: isKept || exchange.ClientLeft);
            }
        }
    }

    /// <returns>False when the answer cannot be given as the client wants it.</returns>
    private async Task<bool> TryGiveAsync(Exchange exchange, CacheRequest request, CacheEntry entry, CacheMark mark)
    {
        var isStream = exchange.Stream && (exchange.Operation == Operation.ChatCompletion || exchange.Operation == Operation.Completion);
        if ((isStream ? AnswerEvents.Of(entry.Body, exchange.Operation, request.TellsUsage) : entry.Body) is not { } body)
        {
            return false;
        }

        await answers.GiveAsync(exchange, CacheKind.Response, body, isStream, entry.StoredAt, mark);
        return true;
    }

    /// <returns>Whether the answer is kept.</returns>
    private async Task<bool> AskAsync(Exchange exchange, CachePolicy policy, CacheDirectives said, CacheRequest request, Func<Exchange, Task> ask)
    {
        if (!said.Keeps)
        {
            await ask(exchange);
            return false;
        }

        var asked = exchange.Deployment.Route;
        using var capture = new AnswerCapture(_largest);
        exchange.Capture = capture;
        await ask(exchange);

        // What rules masked or stopped must not lie unmasked in the cache, for whoever reads the database and for the day when the rule goes.
        if (exchange.Guarding is { ChangedAnswer: true } || !Caches.IsAnswerOf(exchange, asked) || capture.IsTooLong || Whole(exchange, capture.Written) is not { } whole)
        {
            return false;
        }

        var now = time.GetUtcNow();
        return levels.Keep(request.Key, new CacheEntry(CacheKind.Response, CacheRequest.ScopeOf(exchange), asked.Id, whole, Tokens: 0, now, now + Caches.TtlOf(policy)));
    }

    /// <summary>The whole answer's JSON; null where this is none.</summary>
    private static byte[]? Whole(Exchange exchange, ReadOnlyMemory<byte> answer)
    {
        var type = exchange.Context.Response.ContentType ?? "";
        if (type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return StreamFold.Of(answer, exchange.Operation);
        }

        return type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) && CompleteAnswer.Is(answer, exchange.Operation) ? answer.ToArray() : null;
    }
}
