using System.Buffers;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Vectors, text by text: a model is asked only for texts whose vector is not there, and the answer is put together in the request's order.</summary>
internal sealed class EmbeddingCache(CacheLevels levels, Flights flights, CacheAnswers answers, IOptions<CachingOptions> options, TimeProvider time)
{
    /// <summary>What would not fit into the memory is not kept.</summary>
    private readonly int _largest = (int)Math.Min(options.Value.MemoryBytes, Array.MaxLength);

    /// <param name="ask">Brings the request to a replica, and its answer to the client.</param>
    public async Task AnswerAsync(Exchange exchange, CachePolicy policy, CacheDirectives said, Func<Exchange, Task> ask)
    {
        if (EmbeddingRequest.Of(exchange) is not { } request)
        {
            answers.Mark(exchange, CacheKind.Embedding, CacheMark.Bypass);
            await ask(exchange);
            return;
        }

        // 1. Those that are there, or come with an equal request that is under way.
        var found = new Dictionary<CacheKey, CacheEntry>();
        var leads = false;
        if (said.Reads)
        {
            (var all, leads) = await flights.FindAsync(
                exchange, request.Whole, said.Keeps, leads: true, () => Look(request, said, found), () => LookFurtherAsync(exchange, request, said, found));
            if (all is not null)
            {
                var body = EmbeddingAnswer.Write([.. request.Texts.Select(text => all[text.Key].Body)], exchange.Named.Name, TokensOf(request, all), TokensOf(request, all));
                await answers.GiveAsync(exchange, CacheKind.Embedding, body, isStream: false, all.Values.Min(entry => entry.StoredAt));
                return;
            }
        }

        // 2. The others are asked for, and kept.
        var isKept = false;
        try
        {
            answers.Mark(exchange, CacheKind.Embedding, !said.Reads ? CacheMark.Bypass : found.Count == 0 ? CacheMark.Miss : CacheMark.Partial);
            isKept = await AskAsync(exchange, policy, said, request, found, ask);
        }
        finally
        {
            if (leads)
            {
                flights.End(request.Whole, looksAgain: isKept || exchange.ClientLeft);
            }
        }
    }

    /// <returns>Null when one is missing.</returns>
    private Dictionary<CacheKey, CacheEntry>? Look(EmbeddingRequest request, CacheDirectives said, Dictionary<CacheKey, CacheEntry> found)
    {
        var missing = false;
        foreach (var text in request.Texts)
        {
            if (!found.ContainsKey(text.Key))
            {
                if (levels.TryGet(text.Key, said, out var entry))
                {
                    found[text.Key] = entry;
                }
                else
                {
                    missing = true;
                }
            }
        }

        return missing ? null : found;
    }

    private async Task<Dictionary<CacheKey, CacheEntry>?> LookFurtherAsync(Exchange exchange, EmbeddingRequest request, CacheDirectives said, Dictionary<CacheKey, CacheEntry> found)
    {
        var missing = request.Texts.Select(text => text.Key).Where(key => !found.ContainsKey(key)).ToHashSet();
        foreach (var (key, entry) in await levels.FindStoredAsync(missing, said, exchange.Token))
        {
            found[key] = entry;
            missing.Remove(key);
        }

        return missing.Count == 0 ? found : null;
    }

    /// <returns>Whether the vectors are kept.</returns>
    private async Task<bool> AskAsync(
        Exchange exchange, CachePolicy policy, CacheDirectives said, EmbeddingRequest request, Dictionary<CacheKey, CacheEntry> found, Func<Exchange, Task> ask)
    {
        // 1. Each text once. Where that is all that was asked, the body and the answer pass as they are.
        var missing = request.Texts.Where(text => !found.ContainsKey(text.Key)).DistinctBy(text => text.Key).ToArray();
        var asked = exchange.Deployment.Route;
        using var capture = new AnswerCapture(_largest);
        exchange.Capture = capture;
        (byte[][] Vectors, int Tokens)? read = null;
        if (missing.Length < request.Texts.Length)
        {
            var (all, input) = (exchange.Body.AsSpan(request.InputAt, request.InputLength).ToArray(), Input(exchange.Body, missing));
            exchange.Splice(request.InputAt, request.InputLength, input);
            exchange.MakeWhole = () => exchange.Splice(request.InputAt, input.Length, all);
            exchange.Rewrite = () =>
            {
                read = capture.IsTooLong || !Caches.IsSame(exchange.Deployment.Route, asked) ? null : EmbeddingAnswer.Read(capture.Written, missing.Length);
                return read is { } told ? Together(exchange, request, found, missing, told) : null;
            };
        }

        // 2. The answer.
        await ask(exchange);
        if (!Caches.IsAnswerOf(exchange, asked) || capture.IsTooLong || !said.Keeps)
        {
            return false;
        }

        // 3. What is kept of it.
        read ??= EmbeddingAnswer.Read(capture.Written, missing.Length);
        return read is { } whole && Keep(exchange, policy, asked, missing, whole);
    }

    private bool Keep(Exchange exchange, CachePolicy policy, DeploymentRoute asked, EmbeddingText[] missing, (byte[][] Vectors, int Tokens) read)
    {
        var (now, scope, all) = (time.GetUtcNow(), CacheRequest.ScopeOf(exchange), true);
        var tokens = EmbeddingAnswer.Share(read.Tokens, Array.ConvertAll(missing, text => text.Length));
        for (var i = 0; i < missing.Length; i++)
        {
            all &= levels.Keep(missing[i].Key, new CacheEntry(CacheKind.Embedding, scope, asked.Id, read.Vectors[i], tokens[i], now, now + Caches.TtlOf(policy)));
        }

        return all;
    }

    /// <summary><c>["a text","another"]</c>, as the client wrote them.</summary>
    private static byte[] Input(ReadOnlySpan<byte> body, EmbeddingText[] texts)
    {
        var input = new ArrayBufferWriter<byte>(texts.Sum(text => text.Length + 1) + 2);
        for (var i = 0; i < texts.Length; i++)
        {
            input.Write(i == 0 ? "["u8 : ","u8);
            input.Write(body.Slice(texts[i].At, texts[i].Length));
        }

        input.Write("]"u8);
        return input.WrittenSpan.ToArray();
    }

    private static byte[] Together(
        Exchange exchange, EmbeddingRequest request, Dictionary<CacheKey, CacheEntry> found, EmbeddingText[] missing, (byte[][] Vectors, int Tokens) read)
    {
        var vectors = found.ToDictionary(one => one.Key, one => one.Value.Body);
        for (var i = 0; i < missing.Length; i++)
        {
            vectors[missing[i].Key] = read.Vectors[i];
        }

        var cached = TokensOf(request, found);
        return EmbeddingAnswer.Write([.. request.Texts.Select(text => vectors[text.Key])], exchange.Named.Name, read.Tokens + cached, cached);
    }

    private static int TokensOf(EmbeddingRequest request, Dictionary<CacheKey, CacheEntry> found) =>
        request.Texts.Sum(text => found.TryGetValue(text.Key, out var entry) ? entry.Tokens : 0);
}
