using System.Collections.Concurrent;
using AiFactory.Contracts.Routing;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>The library as the gateway sees it: a snapshot to wait for, and management routes that say what reached them.</summary>
public sealed class FakeLibrary : SnapshotEdge
{
    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    public ConcurrentQueue<long> Asked { get; } = new();

    public Func<HttpContext, Task>? Script { get; set; }

    /// <summary>Answered to management requests before anything of their body is read.</summary>
    public string? Refusal { get; set; }

    public static async Task<FakeLibrary> StartedAsync(RoutingSnapshot? snapshot = null)
    {
        var library = new FakeLibrary();
        if (snapshot is not null)
        {
            library.Publish(snapshot);
        }

        await library.StartAsync();
        return library;
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        if (Refusal is { } refusal && context.Request.Path.StartsWithSegments("/api"))
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            await context.Response.WriteAsync(refusal);
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Seen.Enqueue(new SeenRequest(context.Request.Method, context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget, headers, body)); // always there
        if (context.Request.Path == SnapshotPath)
        {
            Asked.Enqueue(After(context));
            await AnswerSnapshotAsync(context);
        }
        else if (Script is { } script)
        {
            await script(context);
        }
        else
        {
            await context.Response.WriteAsJsonAsync(new { path = context.Request.Path.Value, body });
        }
    }
}
