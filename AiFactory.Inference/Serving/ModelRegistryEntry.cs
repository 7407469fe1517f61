using AiFactory.Contracts.Workers;

namespace AiFactory.Inference.Serving;

/// <param name="Model">Only while it is ready.</param>
internal sealed record ModelRegistryEntry(ModelAssignment Assignment, WorkerModelStatus Status, DeployedModel? Model);
