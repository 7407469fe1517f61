using AiFactory.Inference.Engine;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Adapters;

/// <summary>Gives a model that was just loaded the adapters of its deployment, before anybody finds it.</summary>
internal sealed partial class AdapterStock(DeployedAdapters adapters, AdapterFiles files, IOptions<ServeOptions> serve, TimeProvider time, ILogger<AdapterStock> logger)
{
    /// <summary>1. What the settings name is fetched, the first time. 2. All get to the model; those that callers loaded and that are none of this version's are dropped.</summary>
    /// <exception cref="WeightsException">One that the settings name cannot be had.</exception>
    /// <exception cref="LlamaException">One that the settings name is none of this model.</exception>
    public async Task EquipAsync(DeployedModel model, CancellationToken cancellationToken)
    {
        var shelf = adapters.Of(model.Assignment.DeploymentId);
        await shelf.Turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var order in shelf.IsStocked ? [] : AdapterOrder.ParseAll(serve.Value.Adapters).Where(order => shelf.Find(order.Name) is null))
            {
                var file = await files.AcquireAsync(order.Path, isSetting: true, cancellationToken);
                shelf.Put(new DeployedAdapter(order.Name, order.Path, file, time.GetUtcNow()));
            }

            foreach (var adapter in shelf.All)
            {
                await AddAsync(model, shelf, adapter);
            }

            shelf.IsStocked = true;
        }
        finally
        {
            shelf.Turn.Release();
        }
    }

    private async Task AddAsync(DeployedModel model, AdapterShelf shelf, DeployedAdapter adapter)
    {
        try
        {
            await (model.Adapters?.AddAsync(adapter) ?? throw new LlamaException("a model that generates no text has no adapters"));
        }
        catch (Exception error) when (error is GgufException or LlamaException)
        {
            shelf.Drop(adapter);
            if (!shelf.IsStocked)
            {
                throw new LlamaException($"The adapter '{adapter.Name}' of the settings cannot be loaded: {error.Message}");
            }

            LogDropped(logger, error, adapter.Name, model.Assignment.Deployment);
        }
    }

    [LoggerMessage(3362, LogLevel.Error, "The adapter {Adapter} is none of the version of {Deployment} that was loaded now: it is dropped")]
    private static partial void LogDropped(ILogger logger, Exception error, string adapter, string deployment);
}
