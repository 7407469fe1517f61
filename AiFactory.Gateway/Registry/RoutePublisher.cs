using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Secrets;

namespace AiFactory.Gateway.Registry;

/// <summary>Puts the library's snapshot and the file's models together into the table in force. Either may change at any time.</summary>
internal sealed partial class RoutePublisher(CurrentRoutes routes, StaticRegistry registry, CredentialSeal seal, ILogger<RoutePublisher> logger)
{
    private const string FactoryVisible = "factory";

    private readonly Lock _lock = new();
    private RoutingSnapshot? _snapshot;

    /// <param name="refuse">Is told of what the snapshot names and cannot be used.</param>
    public void Publish(RoutingSnapshot snapshot, Action<string> refuse)
    {
        lock (_lock)
        {
            _snapshot = snapshot;
            Swap_NeedsLock(snapshot, refuse);
        }
    }

    /// <summary>The table comes with the first snapshot: who may call is in no file.</summary>
    public void Publish(IReadOnlyList<StaticModel> models)
    {
        lock (_lock)
        {
            registry.Models = models;
            if (_snapshot is { } snapshot)
            {
                // What the snapshot has that cannot be used was said when it came.
                Swap_NeedsLock(snapshot, _ => { });
            }
        }
    }

    private void Swap_NeedsLock(RoutingSnapshot snapshot, Action<string> refuse)
    {
        // The library's word counts: a model that it governs is not replaced by a line in a file.
        var governed = snapshot.Deployments.Where(route => route.Visibility == FactoryVisible).Select(route => route.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var model in registry.Models.Where(model => governed.Contains(model.Name)))
        {
            LogHidden(logger, model.Name);
        }

        var merged = snapshot with { Deployments = [.. snapshot.Deployments, .. registry.Models.Where(model => !governed.Contains(model.Name)).Select(model => model.ToRoute())] };
        routes.Swap(RoutingTableCompiler.Compile(merged, routes.Table, seal, refuse));
    }

    [LoggerMessage(1601, LogLevel.Warning, "The model {Model} of models.yaml is left out: the library has a deployment of that name for the whole factory")]
    private static partial void LogHidden(ILogger logger, string model);
}
