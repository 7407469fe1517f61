using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Serving;

/// <summary>Into this process.</summary>
internal sealed class ModelLoader(LoadGuard guard, MemoryBudget memory, InferenceTelemetry telemetry, IOptions<EngineOptions> engine, TimeProvider time, ILogger<ModelLoader> logger) : IModelLoader
{
    public Task<DeployedModel> LoadAsync(ModelAssignment assignment, WeightsLease lease, CancellationToken cancellationToken) => guard.RunAsync<DeployedModel>(
        assignment.Digest,
        () =>
        {
            var model = ServedModel.Load(assignment, lease, memory, engine.Value, telemetry, time, logger);
            model.Model.Dying = reason => guard.Note(assignment.Digest, reason);
            return model;
        },
        cancellationToken);
}
