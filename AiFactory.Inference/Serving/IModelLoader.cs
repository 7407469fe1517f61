using AiFactory.Contracts.Workers;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Serving;

/// <summary>Puts a model into memory: this process's, or that of a process of its own.</summary>
internal interface IModelLoader
{
    /// <param name="lease">The files; taken over unless this throws.</param>
    /// <exception cref="LlamaException">llama.cpp refused the file or the size.</exception>
    /// <exception cref="GgufException">The file is no model.</exception>
    /// <exception cref="LoadRefusedException">Loading these weights killed a process of late.</exception>
    Task<DeployedModel> LoadAsync(ModelAssignment assignment, WeightsLease lease, CancellationToken cancellationToken);
}
