using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Isolation;

/// <summary>The adapters beside a model in a process of its own.</summary>
internal sealed class IsolatedAdapters(EngineProcess process) : IModelAdapters
{
    public async Task AddAsync(DeployedAdapter adapter)
    {
        var file = new EngineFile(adapter.File.Path, adapter.File.Digest, adapter.File.SizeBytes);
        var done = await AskAsync(id => new EngineCommand.AddAdapter(id, adapter.Name, adapter.Root, file, adapter.LoadedAt));
        if (done.Refusal is { } refusal)
        {
            throw new LlamaException(refusal);
        }
    }

    public async Task<bool> RemoveAsync(string name, TimeSpan patience)
    {
        var done = await AskAsync(id => new EngineCommand.RemoveAdapter(id, name, patience.TotalSeconds));
        return done.Refusal is null ? done.IsDone : throw new EngineStoppedException();
    }

    private async Task<EngineReport.Done> AskAsync(Func<int, EngineCommand> ask)
    {
        try
        {
            return await process.AskAsync(ask);
        }
        catch (EngineDiedException)
        {
            throw new EngineStoppedException();
        }
    }
}
