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
    /// <summary>
    /// 1. What the settings name is fetched, the first time. 2. All get to the model; those that it had before and that are gone, changed or none of this version's are left out, so that it serves without them.
    /// 3. It is found.
    /// </summary>
    /// <param name="publish">Done while nobody else changes the adapters: whoever loads or unloads one afterwards finds this model.</param>
    /// <exception cref="WeightsException">One that the settings name cannot be had.</exception>
    /// <exception cref="LlamaException">One that the settings name is none of this model.</exception>
    public async Task EquipAsync(DeployedModel model, Action publish, CancellationToken cancellationToken)
    {
        var shelf = adapters.Of(model.Assignment.DeploymentId);
        await shelf.Turn.WaitAsync(cancellationToken);
        try
        {
            var before = shelf.All;
            foreach (var order in shelf.IsStocked ? [] : AdapterOrder.ParseAll(serve.Value.Adapters).Where(order => shelf.Find(order.Name) is null))
            {
                var file = await files.AcquireAsync(order.Path, isSetting: true, cancellationToken);
                shelf.Put(new DeployedAdapter(order.Name, order.Path, file, time.GetUtcNow()));
            }

            foreach (var adapter in shelf.All)
            {
                await AddAsync(model, shelf, adapter, wasThere: before.Contains(adapter), cancellationToken);
            }

            shelf.IsStocked = true;
            publish();
        }
        finally
        {
            shelf.Turn.Release();
        }
    }

    private async Task AddAsync(DeployedModel model, AdapterShelf shelf, DeployedAdapter adapter, bool wasThere, CancellationToken cancellationToken)
    {
        try
        {
            if (wasThere)
            {
                await AdapterFiles.VerifyAsync(adapter.File, cancellationToken);
            }

            await (model.Adapters?.AddAsync(adapter) ?? throw new LlamaException("a model that generates no text has no adapters"));
        }
        catch (Exception error) when (error is GgufException or LlamaException or WeightsException or IOException or UnauthorizedAccessException)
        {
            shelf.Drop(adapter);
            if (!shelf.IsStocked)
            {
                throw new LlamaException($"The adapter '{adapter.Name}' of the settings cannot be loaded: {error.Message}");
            }

            LogLeftOut(logger, adapter.Name, model.Assignment.Deployment, error.Message);
        }
    }

    [LoggerMessage(3362, LogLevel.Warning, "{Deployment} is served without its adapter {Adapter}: {Reason}")]
    private static partial void LogLeftOut(ILogger logger, string adapter, string deployment, string reason);
}
