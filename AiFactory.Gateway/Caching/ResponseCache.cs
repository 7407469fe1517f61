using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// Gives an answer that was given before to whoever of the same project asks the same, and keeps those that it sees. It stands behind all that says whether a request may be made, and before all that
/// looks for a replica: a hit waits in no queue and needs none.
/// </summary>
internal sealed class ResponseCache(
    CacheMemory memory, Flights flights, CachingTelemetry telemetry, IOptions<CachingOptions> options, IOptions<ForwardingOptions> forwarding, TimeProvider time)
{
    private static readonly TimeSpan UsualTtl = TimeSpan.FromHours(1);
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue Events = new("text/event-stream");

    private readonly CachingOptions _options = options.Value;

    /// <param name="ask">Brings the request to a replica, and its answer to the client.</param>
    public async Task AnswerAsync(Exchange exchange, CachePolicy policy, Func<Exchange, Task> ask)
    {
        if (!CacheRequest.IsKept(policy, exchange.Operation))
        {
            await ask(exchange);
            return;
        }

        // 1. What is looked for, if anything is. While replicas serve another version than the one that is said, nobody knows whose an answer is.
        var said = CacheDirectives.Of(exchange.Context.Request.Headers);
        if (said is { Reads: false, Keeps: false } || exchange.Deployment.Route.ServesFormer || CacheRequest.Of(exchange, policy) is not { } request)
        {
            Mark(exchange, CacheMark.Bypass);
            await ask(exchange);
            return;
        }

        // 2. It is there, or comes with an equal request that is under way.
        var led = false;
        if (said.Reads)
        {
            var (found, leads) = await FindAsync(exchange, request, said);
            led = leads;
            if (found is { } kept && await TryServeAsync(exchange, request, kept))
            {
                return;
            }
        }

        // 3. It is asked for, and kept.
        Mark(exchange, said.Reads ? CacheMark.Miss : CacheMark.Bypass);
        CacheEntry? entry = null;
        try
        {
            entry = said.Keeps ? await AskAndKeepAsync(exchange, policy, request, ask) : await AskAsync(exchange, ask);
        }
        finally
        {
            if (led)
            {
                flights.End(request.Key, new FlightEnd(entry, exchange.ClientLeft));
            }
        }
    }

    /// <returns>What is kept; or whether this request asks for all that are equal to it, which wait for its end.</returns>
    private async Task<(CacheEntry? Found, bool Leads)> FindAsync(Exchange exchange, CacheRequest request, CacheDirectives said)
    {
        var began = time.GetTimestamp();
        while (!exchange.ClientLeft)
        {
            if (memory.TryGet(request.Key, out var kept) && (said.MaxAge is null || time.GetUtcNow() - kept.StoredAt <= said.MaxAge))
            {
                return (kept, false);
            }

            // Who wants nothing kept shares nothing, and who wants a young answer may not wait for what then is none.
            var left = _options.FlightWait - time.GetElapsedTime(began);
            if (!said.Keeps || left <= TimeSpan.Zero)
            {
                return default;
            }

            if (flights.Join(request.Key) is not { } flight)
            {
                return (null, true);
            }

            if (await WaitAsync(exchange, flight, left) is not { } end)
            {
                return default;
            }

            if (end.Kept is { } shared)
            {
                telemetry.Shared();
                return (shared, false);
            }

            if (!end.Left)
            {
                return default;
            }
        }

        return default;
    }

    /// <returns>Null when it is waited for no longer.</returns>
    private async Task<FlightEnd?> WaitAsync(Exchange exchange, Task<FlightEnd> flight, TimeSpan atMost)
    {
        exchange.Unlimit();
        try
        {
            return await flight.WaitAsync(atMost, time, exchange.Token);
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            // The wait is over, the client left, or the time for the whole is up: whoever asks next sees which.
            return null;
        }
    }

    /// <returns>False when the answer cannot be given as the client wants it.</returns>
    private async Task<bool> TryServeAsync(Exchange exchange, CacheRequest request, CacheEntry entry)
    {
        var streams = exchange.Stream && (exchange.Operation == Operation.ChatCompletion || exchange.Operation == Operation.Completion);
        var body = streams ? AnswerEvents.Of(entry.Body, exchange.Operation, request.TellsUsage) : entry.Body;
        if (body is null)
        {
            return false;
        }

        Mark(exchange, CacheMark.Hit);
        var age = Math.Max(0, (long)(time.GetUtcNow() - entry.StoredAt).TotalSeconds);
        exchange.Context.Response.Headers.Age = age.ToString(CultureInfo.InvariantCulture);
        await GiveAsync(exchange, body, streams ? Events : Json);
        return true;
    }

    /// <summary>As if a replica had answered at once: whatever looks at answers on their way to the client looks at this one too.</summary>
    private async Task GiveAsync(Exchange exchange, byte[] body, MediaTypeHeaderValue type)
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) };
        answer.Content.Headers.ContentType = type;
        answer.Content.Headers.ContentLength = body.Length;
        await using var relay = new AnswerRelay(exchange, answer, forwarding.Value);
        exchange.Unlimit();
        exchange.ReleaseBody();
        try
        {
            await relay.ReadFirstAsync();
            await relay.RunAsync();
        }
        catch (OperationCanceledException) when (exchange.ClientLeft)
        {
            exchange.Error = "client_left";
        }
    }

    private static async Task<CacheEntry?> AskAsync(Exchange exchange, Func<Exchange, Task> ask)
    {
        await ask(exchange);
        return null;
    }

    private async Task<CacheEntry?> AskAndKeepAsync(Exchange exchange, CachePolicy policy, CacheRequest request, Func<Exchange, Task> ask)
    {
        var asked = exchange.Deployment.Route;
        using var capture = new AnswerCapture(_options.LargestAnswer);
        exchange.Capture = capture;
        await ask(exchange);

        // What a fallback answered, or another version that came meanwhile, is no answer of the deployment that was asked.
        var answered = exchange.Deployment.Route;
        if (exchange.Error is not null || capture.IsTooLong || exchange.Context.Response.StatusCode != StatusCodes.Status200OK
            || (answered.Id, answered.Digest, answered.ServesFormer) != (asked.Id, asked.Digest, false)
            || Whole(exchange, capture.Written) is not { } whole)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var entry = new CacheEntry(CacheKind.Response, CacheRequest.ScopeOf(exchange), asked.Id, whole, now, now + (policy.Ttl ?? UsualTtl));
        memory.Set(request.Key, entry);
        return entry;
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

    private void Mark(Exchange exchange, CacheMark mark)
    {
        exchange.Cache = mark;
        exchange.Context.Response.Headers[CacheMarks.Header] = CacheMarks.NameOf(mark);
        exchange.Span?.SetTag("aifactory.cache", CacheMarks.NameOf(mark));
        telemetry.Used(CacheKind.Response, mark);
    }
}
