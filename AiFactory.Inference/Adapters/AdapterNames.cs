using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Adapters;

/// <summary>Names that adapters have, or will have: clients tell adapters and models apart by nothing else.</summary>
internal sealed class AdapterNames(ModelRegistry registry, DeployedAdapters adapters)
{
    private readonly Lock _gate = new();
    private readonly HashSet<(Guid Deployment, string Name)> _coming = [];

    /// <summary>Keeps a name for an adapter that is being loaded: of two that load one name at once, beside whichever models the caller sees, the first has it.</summary>
    /// <param name="refusal">Not null when it is taken.</param>
    /// <returns>Held until the adapter is there, or is not.</returns>
    public IDisposable? Claim(InternalIdentity identity, Guid deployment, string name, out OpenAIError? refusal)
    {
        lock (_gate)
        {
            refusal = Taken_NeedsLock(registry.Entries.Where(entry => identity.CoversProject(entry.Assignment.Project)).ToList(), name);
            return refusal is null && _coming.Add((deployment, name)) ? new Held(this, (deployment, name)) : null;
        }
    }

    private OpenAIError? Taken_NeedsLock(List<ModelRegistryEntry> visible, string name) =>
        visible.Exists(entry => entry.Assignment.Deployment == name)
            ? OpenAIError.Invalid($"There is a model '{name}' already: its requests and the adapter's could not be told apart.", "lora_name")
        : visible.Exists(entry => adapters.Of(entry.Assignment.DeploymentId).Find(name) is not null)
            ? OpenAIError.Invalid($"The lora adapter '{name}' has already been loaded. Unload it first, or use another name.", "lora_name")
        : visible.Exists(entry => _coming.Contains((entry.Assignment.DeploymentId, name)))
            ? OpenAIError.Invalid($"A lora adapter '{name}' is being loaded already. Wait for it, or use another name.", "lora_name")
        : null;

    private void Release((Guid Deployment, string Name) name)
    {
        lock (_gate)
        {
            _coming.Remove(name);
        }
    }

    private sealed class Held(AdapterNames names, (Guid Deployment, string Name) name) : IDisposable
    {
        public void Dispose() => names.Release(name);
    }
}
