using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Serving;

/// <summary>The adapters beside one model in memory: this process's, or that of a process of its own.</summary>
internal interface IModelAdapters
{
    /// <exception cref="GgufException">It is none of this model.</exception>
    /// <exception cref="LlamaException">llama.cpp refuses it, there is no room for one more, or no memory.</exception>
    /// <exception cref="EngineStoppedException">The model is being unloaded.</exception>
    /// <exception cref="IOException">Its file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    Task AddAsync(DeployedAdapter adapter);

    /// <summary>Nobody calls it off: who has begun it must hear how it ended, or would go on offering what is gone.</summary>
    /// <returns>False when its requests did not end within the patience: it stays.</returns>
    /// <exception cref="EngineStoppedException">The model is being unloaded.</exception>
    Task<bool> RemoveAsync(string name, TimeSpan patience);
}
