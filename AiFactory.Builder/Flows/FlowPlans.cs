using System.Collections.Concurrent;
using System.Text.Json;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows;

/// <summary>The plans of revisions, kept while they are in use: a revision never changes, so neither does its plan.</summary>
internal sealed class FlowPlans(FlowStore flows)
{
    private const int Kept = 1000;

    private readonly ConcurrentDictionary<(Guid Flow, int Revision), FlowPlan> _plans = new();

    internal async ValueTask<FlowPlan> GetAsync(Guid flowId, int revision, CancellationToken cancellationToken)
    {
        if (_plans.TryGetValue((flowId, revision), out var known))
        {
            return known;
        }

        var row = await flows.FindRevisionAsync(flowId, revision, cancellationToken)
            ?? throw new InvalidOperationException($"Revision {revision} of flow {flowId} is not there, and revisions are never deleted.");
        if (_plans.Count >= Kept)
        {
            _plans.Clear();
        }

        return _plans[(flowId, revision)] = new FlowPlan(Read(row.Graph));
    }

    internal static FlowGraph Read(string graph) =>
        JsonSerializer.Deserialize<FlowGraph>(graph, JsonSerializerOptions.Web) ?? throw new JsonException("A graph is null.");
}
