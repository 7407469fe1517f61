using System.Collections.Concurrent;

namespace AiFactory.Inference.Lifecycle;

/// <summary>The switch of every deployment that somebody asked for.</summary>
internal sealed class ModelPowers
{
    private readonly ConcurrentDictionary<Guid, ModelPower> _powers = new();

    public ModelPower Of(Guid deployment) => _powers.GetOrAdd(deployment, _ => new ModelPower());

    /// <summary>The deployment is gone; should it come again, it comes awake.</summary>
    public void Forget(Guid deployment) => _powers.TryRemove(deployment, out _);
}
