using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The library as far as a gateway asks it: the newest routing snapshot, which is waited for.</summary>
internal sealed class SoakLibrary : KestrelEdge
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    private readonly Lock _lock = new();
    private RoutingSnapshot? _snapshot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
        if (context.Request.Path != "/internal/snapshot")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var after = long.Parse(context.Request.Query["after"].ToString(), CultureInfo.InvariantCulture);
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
