using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Engine;

/// <summary>
/// The adapters beside the model. llama.cpp reads and frees them without a lock, so the engine's thread does, between two steps; the disk was waited for before, by another thread, so that answers wait for copies in memory.
/// </summary>
internal sealed partial class GenerationEngine
{
    private readonly EngineWork _work = new();
    private readonly AdapterTurns _turns;
    private readonly int _mostAdapters;
    private readonly Dictionary<string, EngineAdapter> _adapters = new(StringComparer.Ordinal); // Guarded by _gate.
    private long _adapterNumber;

    public AdapterLoad Adapters
    {
        get
        {
            lock (_gate)
            {
                return new AdapterLoad(
                    _mostAdapters,
                    [.. _adapters.Values.Where(adapter => adapter.Running > 0).Select(adapter => adapter.Name).Order(StringComparer.Ordinal)],
                    [.. _adapters.Values.Where(adapter => adapter.Waiting > 0).Select(adapter => adapter.Name).Order(StringComparer.Ordinal)]);
            }
        }
    }

    /// <summary>From then on requests may name it.</summary>
    /// <param name="basis">The files of the model.</param>
    /// <exception cref="GgufException">It is none of this model.</exception>
    /// <exception cref="LlamaException">llama.cpp refuses it, or there is no room for one more.</exception>
    /// <exception cref="EngineStoppedException">The model is being unloaded.</exception>
    public async Task AddAdapterAsync(string name, IReadOnlyList<string> basis, string path)
    {
        // Neither on the engine's thread nor on the caller's: a disk may be slow, and the model's header has its vocabulary.
        await Task.Run(() =>
        {
            GgufAdapterRules.Check(GgufHeader.Read(path), [.. basis.Select(GgufHeader.Read)]);
            FileAhead.Read(path);
        });
        await DoAsync(() => AddAdapter(name, path));
    }

    private bool AddAdapter(string name, string path)
    {
        lock (_gate)
        {
            if (_adapters.ContainsKey(name))
            {
                throw new LlamaException($"There is an adapter '{name}' already.");
            }

            if (_adapters.Count >= _mostAdapters)
            {
                throw new LlamaException($"The model has {_adapters.Count} adapters, and {_mostAdapters} are the most (Engine:Adapters): unload one.");
            }
        }

        var weights = LlamaAdapter.Open(_model, path);
        lock (_gate)
        {
            _adapters.Add(name, new EngineAdapter(name, ++_adapterNumber, weights));
        }

        return true;
    }

    /// <summary>1. No request may name it any more. 2. Those that did end. 3. It is freed.</summary>
    /// <returns>False when there is none of that name, when it is leaving already, or when its requests did not end within the patience: then it stays.</returns>
    /// <exception cref="EngineStoppedException">The model is being unloaded.</exception>
    public async Task<bool> RemoveAdapterAsync(string name, TimeSpan patience)
    {
        EngineAdapter? adapter;
        lock (_gate)
        {
            adapter = _adapters.GetValueOrDefault(name);
        }

        if (adapter?.Leave() is not { } unused)
        {
            return false;
        }

        try
        {
            await unused.WaitAsync(patience, _time);
        }
        catch (TimeoutException)
        {
            adapter.Stay();
            return false;
        }

        return await DoAsync(() =>
        {
            lock (_gate)
            {
                _adapters.Remove(name);
            }

            // It may be the one that computed last.
            _context.Use(null);
            adapter.Weights.Dispose();
            return true;
        });
    }

    private Task<T> DoAsync<T>(Func<T> work)
    {
        var done = _work.Add(work);
        lock (_gate)
        {
            if (!_disposed)
            {
                _wake.Set();
            }
        }

        return done;
    }

    /// <returns>Null when the adapter is held for a request, or none is asked for; else the refusal.</returns>
    private Submission? Use_NeedsLock(string? name, out EngineAdapter? adapter)
    {
        adapter = null;
        return name is null ? null
            : !_adapters.TryGetValue(name, out adapter) ? new Submission.UnknownAdapter()
            : adapter.TryUse() ? null : new Submission.AdapterLeaving();
    }

    /// <summary>After the thread has ended.</summary>
    private void FreeAdapters()
    {
        lock (_gate)
        {
            foreach (var adapter in _adapters.Values)
            {
                adapter.Weights.Dispose();
            }

            _adapters.Clear();
        }
    }
}
