using System.Collections.Concurrent;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>Somebody's web server, as tools and HTTP steps meet it.</summary>
internal sealed class FakeServer : KestrelEdge
{
    internal ConcurrentQueue<SeenRequest> Seen { get; } = new();

    internal Func<HttpContext, Task> Script { get; set; } = _ => Task.CompletedTask;

    internal static async Task<FakeServer> StartedAsync(Func<HttpContext, Task>? script = null)
    {
        var server = new FakeServer();
        server.Script = script ?? server.Script;
        await server.StartAsync();
        return server;
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Seen.Enqueue(new SeenRequest(context.Request.Method, context.Request.Path + context.Request.QueryString, headers, body));
        await Script(context);
    }
}

/// <summary>A request that reached <see cref="FakeServer"/>.</summary>
internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);
