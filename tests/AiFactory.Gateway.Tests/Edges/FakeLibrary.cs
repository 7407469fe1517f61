using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>The library as the gateway sees it: a snapshot to wait for, and management routes that say what reached them.</summary>
public sealed class FakeLibrary : KestrelEdge
{
    private readonly Lock _lock = new();
    private RoutingSnapshot? _snapshot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    public ConcurrentQueue<long> Asked { get; } = new();

    /// <summary>After which a question is answered 204.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(25);

    public Func<HttpContext, Task>? Script { get; set; }

    /// <summary>Answered to management requests before anything of their body is read.</summary>
    public string? Refusal { get; set; }

    public static async Task<FakeLibrary> StartedAsync(RoutingSnapshot? snapshot = null)
    {
        var library = new FakeLibrary { _snapshot = snapshot };
        await library.StartAsync();
        return library;
    }

    public void Publish(RoutingSnapshot snapshot)
    {
        lock (_lock)
        {
            _snapshot = snapshot;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
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
        if (context.Request.Path == "/internal/snapshot")
        {
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

    private async Task AnswerSnapshotAsync(HttpContext context)
    {
        var after = long.Parse(context.Request.Query["after"].ToString(), CultureInfo.InvariantCulture);
        Asked.Enqueue(after);
        while (true)
        {
            RoutingSnapshot? snapshot;
            Task changed;
            lock (_lock)
            {
                (snapshot, changed) = (_snapshot, _changed.Task);
            }

            if (snapshot is not null && snapshot.Version > after)
            {
                await context.Response.WriteAsJsonAsync(snapshot, JsonSerializerOptions.Web, context.RequestAborted);
                return;
            }

            try
            {
                await changed.WaitAsync(LongestWait, context.RequestAborted);
            }
            catch (TimeoutException)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }
    }
}
