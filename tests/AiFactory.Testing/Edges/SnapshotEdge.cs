using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Testing.Edges;

/// <summary>The library as far as every gateway asks it: the newest routing snapshot, which is waited for.</summary>
public abstract class SnapshotEdge : KestrelEdge
{
    protected const string SnapshotPath = "/internal/snapshot";

    private readonly Lock _lock = new();
    private RoutingSnapshot? _snapshot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>After which a question is answered 204.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(25);

    public void Publish(RoutingSnapshot snapshot)
    {
        lock (_lock)
        {
            _snapshot = snapshot;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The version that the gateway has.</summary>
    protected static long After(HttpContext context) => long.Parse(context.Request.Query["after"].ToString(), CultureInfo.InvariantCulture);

    protected async Task AnswerSnapshotAsync(HttpContext context)
    {
        var after = After(context);
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
