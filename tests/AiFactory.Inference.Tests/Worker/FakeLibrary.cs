using System.Collections.Concurrent;
using System.Diagnostics;
using AiFactory.Contracts.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiFactory.Inference.Tests.Worker;

/// <summary>The library as a worker sees it: takes heartbeats over HTTP and answers orders.</summary>
internal sealed class FakeLibrary : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private FakeLibrary(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public IReadOnlyList<ModelAssignment> Assignments { get; set; } = [];

    public double NextHeartbeatSeconds { get; set; } = 0.1;

    public bool IsAway { get; set; }

    public ConcurrentQueue<WorkerHeartbeat> Heartbeats { get; } = new();

    public string? Authorization { get; private set; }

    public static async Task<FakeLibrary> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var library = new FakeLibrary(app);
        app.MapPost("/internal/workers/heartbeat", (WorkerHeartbeat heartbeat, HttpContext http) =>
        {
            library.Authorization = http.Request.Headers.Authorization;
            if (library.IsAway)
            {
                return Results.StatusCode(503);
            }

            library.Heartbeats.Enqueue(heartbeat);
            return Results.Ok(new WorkerOrders(library.NextHeartbeatSeconds, library.Assignments));
        });
        await app.StartAsync();
        return library;
    }

    /// <summary>Waits for a heartbeat, from now on, that fulfils the condition.</summary>
    public async Task<WorkerHeartbeat> WaitForAsync(Func<WorkerHeartbeat, bool> condition)
    {
        var patience = Stopwatch.StartNew();
        List<string> told = [];
        while (true)
        {
            while (Heartbeats.TryDequeue(out var heartbeat))
            {
                if (string.Join("; ", heartbeat.Models) is var models && models != told.LastOrDefault())
                {
                    told.Add(models);
                }

                if (condition(heartbeat))
                {
                    return heartbeat;
                }
            }

            if (patience.Elapsed > Patience)
            {
                throw new TimeoutException($"No such heartbeat; there were: {string.Join('\n', told)}");
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
