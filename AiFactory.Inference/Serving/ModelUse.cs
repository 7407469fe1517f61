using AiFactory.Inference.Adapters;

namespace AiFactory.Inference.Serving;

/// <summary>A request's hold on a model: until it is let go, the model's memory is not freed, however soon another version takes its place.</summary>
internal sealed class ModelUse(DeployedModel model, Action release) : IDisposable
{
    private Action? _release = release;

    public DeployedModel Deployed { get; } = model;

    /// <summary>The model in this process: who holds one is told so by <see cref="ModelResolver.HoldAsync"/> only where it is here.</summary>
    public ServedModel Model => Deployed as ServedModel ?? throw new InvalidOperationException($"{Deployed.Assignment.Deployment} is served by another process.");

    /// <summary>What the request named, where that is an adapter of the model.</summary>
    public DeployedAdapter? Adapter { get; set; }

    /// <summary>What the answer says that it comes from.</summary>
    public string Name => Adapter?.Name ?? Model.Assignment.Deployment;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
