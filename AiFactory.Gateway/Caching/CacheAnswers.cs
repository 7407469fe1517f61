using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using AiFactory.Gateway.Forwarding;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Gives what is kept, and says what the cache did.</summary>
internal sealed class CacheAnswers(CachingTelemetry telemetry, IOptions<ForwardingOptions> options, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue Events = new("text/event-stream");

    public void Mark(Exchange exchange, CacheKind kind, CacheMark mark)
    {
        exchange.Cache = mark;
        exchange.Context.Response.Headers[CacheMarks.Header] = CacheMarks.NameOf(mark);
        exchange.Span?.SetTag("aifactory.cache", CacheMarks.NameOf(mark));
        telemetry.Used(kind, mark);
    }

    /// <summary>As if a replica had answered at once: whatever looks at answers on their way to the client looks at this one too.</summary>
    /// <param name="storedAt">When the oldest part of it was given.</param>
    public async Task GiveAsync(Exchange exchange, CacheKind kind, byte[] body, bool isStream, DateTimeOffset storedAt, CacheMark mark = CacheMark.Hit)
    {
        Mark(exchange, kind, mark);
        var age = Math.Max(0, (long)(time.GetUtcNow() - storedAt).TotalSeconds);
        exchange.Context.Response.Headers.Age = age.ToString(CultureInfo.InvariantCulture);

        using var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) };
        answer.Content.Headers.ContentType = isStream ? Events : Json;
        answer.Content.Headers.ContentLength = body.Length;
        await using var relay = new AnswerRelay(exchange, answer, options.Value);
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
}
