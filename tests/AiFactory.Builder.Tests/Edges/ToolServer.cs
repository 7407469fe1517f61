using System.Collections.Concurrent;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>A web service that a flow's HTTP steps call: it heeds the Idempotency-Key as one should, and counts what it was asked and what it did.</summary>
internal sealed class ToolServer : KestrelEdge
{
    private readonly ConcurrentDictionary<string, int> _effects = new();

    /// <summary>Requests by key, repeated ones included.</summary>
    internal ConcurrentDictionary<string, int> Requests { get; } = new();

    /// <summary>Effects: requests whose key was new.</summary>
    internal int Effects => _effects.Count;

    internal Func<HttpContext, Task>? Script { get; set; }

    internal string Host => $"127.0.0.1:{Address.Port}";

    internal static async Task<ToolServer> StartedAsync()
    {
        var server = new ToolServer();
        await server.StartAsync();
        return server;
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        Requests.AddOrUpdate(key, 1, (_, count) => count + 1);
        if (Script is { } script)
        {
            await script(context);
            return;
        }

        await EffectAsync(context);
    }

    /// <summary>Does what is asked, once for each key, and answers the same to a repeated request.</summary>
    internal Task EffectAsync(HttpContext context) =>
        context.Response.WriteAsync($"effect {_effects.GetOrAdd(context.Request.Headers["Idempotency-Key"].ToString(), _ => _effects.Count + 1)}");
}
