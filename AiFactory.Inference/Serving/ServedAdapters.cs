using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Serving;

/// <summary>The adapters beside one model in memory, each with its part of the budget.</summary>
/// <param name="basis">The files of the model.</param>
/// <param name="batch">Tokens computed at once.</param>
internal sealed class ServedAdapters(GenerationEngine engine, IReadOnlyList<string> basis, MemoryBudget budget, int batch) : IModelAdapters, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IDisposable> _memory = new(StringComparer.Ordinal);
    private bool _isDisposed;

    public async Task AddAsync(DeployedAdapter adapter)
    {
        var (name, path) = (adapter.Name, adapter.File.Path);
        // Not on the caller's thread: a disk may be slow.
        var bytes = await Task.Run(() => GgufAdapterRules.MemoryOf(GgufHeader.Read(path), batch));
        var memory = budget.Reserve(bytes, () => $"the adapter '{name}' takes {bytes} bytes");
        try
        {
            await engine.AddAdapterAsync(name, basis, path);
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        lock (_gate)
        {
            if (_isDisposed)
            {
                // The model went while it came, and its weights with the model's.
                memory.Dispose();
                return;
            }

            _memory[name] = memory;
        }
    }

    /// <inheritdoc cref="GenerationEngine.RemoveAdapterAsync"/>
    public async Task<bool> RemoveAsync(string name, TimeSpan patience)
    {
        if (!await engine.RemoveAdapterAsync(name, patience))
        {
            return false;
        }

        lock (_gate)
        {
            if (_memory.Remove(name, out var memory))
            {
                memory.Dispose();
            }
        }

        return true;
    }

    /// <summary>When the engine is gone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var memory in _memory.Values)
            {
                memory.Dispose();
            }

            _memory.Clear();
        }
    }
}
