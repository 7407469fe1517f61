using System.Collections.Concurrent;
using AiFactory.Contracts.Workers;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Serving;

/// <summary>Every deployment that this worker was given, with its state, and the models that are ready.</summary>
internal sealed class ModelRegistry
{
    private readonly ConcurrentDictionary<Guid, ModelRegistryEntry> _entries = new();

    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Told of every change of a state.</summary>
    public event Action? Changed;

    /// <summary>Completes with the next change of a state: take it, look, and only then wait for it.</summary>
    public Task NextChange => Volatile.Read(ref _next).Task;

    public IReadOnlyList<ModelRegistryEntry> Entries => [.. _entries.Values.OrderBy(entry => entry.Assignment.Deployment, StringComparer.Ordinal)];

    public IReadOnlyList<DeployedModel> Ready => [.. _entries.Values.Select(entry => entry.Model).OfType<DeployedModel>().OrderBy(model => model.Assignment.Deployment, StringComparer.Ordinal)];

    public IReadOnlyList<WorkerModelStatus> Statuses => [.. _entries.Values.Select(entry => entry.Status).OrderBy(status => status.DeploymentId)];

    public void Set(ModelAssignment assignment, WorkerModelStatus status, DeployedModel? model = null)
    {
        var changed = !_entries.TryGetValue(assignment.DeploymentId, out var before) || before.Status.State != status.State;
        _entries[assignment.DeploymentId] = new ModelRegistryEntry(assignment, status, model);
        if (changed)
        {
            Tell();
        }
    }

    public void Remove(Guid deployment)
    {
        if (_entries.TryRemove(deployment, out _))
        {
            Tell();
        }
    }

    /// <summary>Null while it is not ready.</summary>
    public DeployedModel? ModelOf(Guid deployment) => _entries.GetValueOrDefault(deployment)?.Model;

    /// <summary>
    /// 1. By the deployment's id, for a caller whose identity names that deployment (the gateway decided so: another project may share it) or covers its project. 2. Else by name: the caller's own project first, then, for a caller of the
    /// whole factory, any.
    /// </summary>
    public ModelLookup Find(string? deployment, string? name, InternalIdentity identity)
    {
        var entry = Guid.TryParse(deployment, out var id)
            ? _entries.GetValueOrDefault(id) is { } named && (identity.Deployment == id || identity.CoversProject(named.Assignment.Project)) ? named : null
            : _entries.Values
                .Where(candidate => candidate.Assignment.Deployment == name && identity.CoversProject(candidate.Assignment.Project))
                .OrderByDescending(candidate => candidate.Assignment.Project == identity.Project)
                .ThenByDescending(candidate => candidate.Model is not null)
                .FirstOrDefault();
        return entry switch
        {
            null => new ModelLookup.Unknown(name ?? deployment ?? ""),
            { Model: { } model } => new ModelLookup.Found(model),
            _ => new ModelLookup.NotReady(entry.Assignment.DeploymentId, entry.Assignment.Deployment, entry.Assignment.ModelVersion, entry.Status.State, entry.Status.Message),
        };
    }

    private void Tell()
    {
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        Changed?.Invoke();
    }
}
