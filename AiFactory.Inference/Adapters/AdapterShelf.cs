namespace AiFactory.Inference.Adapters;

/// <summary>The adapters of one deployment. They outlive its model in memory: one that sleeps, or is replaced by another version, has them again.</summary>
internal sealed class AdapterShelf
{
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<DeployedAdapter> _all = [];

    /// <summary>Whoever changes what the model has, or loads the model, holds it: one at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whether what the settings name is there, or was.</summary>
    public bool IsStocked { get; set; }

    public IReadOnlyList<DeployedAdapter> All => _all;

    public DeployedAdapter? Find(string? name) => _all.FirstOrDefault(adapter => adapter.Name == name);

    public void Put(DeployedAdapter adapter)
    {
        lock (_gate)
        {
            _all = [.. _all, adapter];
        }
    }

    /// <summary>Its file is held no longer.</summary>
    public void Drop(DeployedAdapter adapter)
    {
        lock (_gate)
        {
            _all = [.. _all.Where(other => other != adapter)];
        }

        adapter.File.Hold.Dispose();
    }
}
