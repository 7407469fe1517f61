using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Adapters;

/// <summary>Loads adapters beside models that serve, and unloads them, for a caller who may see those models. The words are vLLM's.</summary>
internal sealed partial class AdapterService(
    ModelRegistry registry, DeployedAdapters adapters, AdapterNames names, AdapterFiles files, IOptions<EngineOptions> engine, TimeProvider time, ILogger<AdapterService> logger)
{
    /// <summary>1. The fields. 2. The model. 3. The name, which must be free. 4. The file. 5. One at a time: the adapter must be the model's.</summary>
    public async Task<OpenAIError?> LoadAsync(InternalIdentity identity, LoadAdapterRequest request, CancellationToken cancellationToken)
    {
        if (Refuse(request) is { } refusal)
        {
            return refusal;
        }

        // Refuse looked at both.
        var (name, path) = (request.LoraName!, request.LoraPath!);
        if (FindModel(identity, request.BaseModelName, out var entry) is { } unknown)
        {
            return unknown;
        }

        if (entry.Model?.Adapters is null)
        {
            return entry.Model is null
                ? OpenAIError.ModelNotReady(entry.Assignment.Deployment, entry.Status.State)
                : OpenAIError.Invalid($"The model '{entry.Assignment.Deployment}' takes no adapters: it generates no text.", "base_model_name", "unsupported_task");
        }

        using var claim = names.Claim(identity, entry.Assignment.DeploymentId, name, out var taken);
        if (taken is not null)
        {
            return taken;
        }

        WeightsLease.File? file = null;
        try
        {
            file = await files.AcquireAsync(path, isSetting: false, cancellationToken);
            var shelf = adapters.Of(entry.Assignment.DeploymentId);
            await shelf.Turn.WaitAsync(cancellationToken);
            try
            {
                if (Now(entry) is not { Adapters: { } served })
                {
                    return OpenAIError.ModelNotReady(entry.Assignment.Deployment, "unloading");
                }

                var adapter = new DeployedAdapter(name, path, file, time.GetUtcNow());
                await served.AddAsync(adapter);
                shelf.Put(adapter);
                file = null;
            }
            finally
            {
                shelf.Turn.Release();
            }
        }
        catch (EngineStoppedException)
        {
            return OpenAIError.ModelNotReady(entry.Assignment.Deployment, "unloading");
        }
        catch (WeightsException error) when (error.Fault != WeightsFault.Wanted)
        {
            LogNotFetched(logger, name, entry.Assignment.Deployment, error.Message);
            return error.Fault == WeightsFault.Refused ? OpenAIError.StoreRefused(error.Message) : OpenAIError.StoreUnreachable(error.Message);
        }
        catch (Exception error) when (error is WeightsException or GgufException or LlamaException)
        {
            return Refused(entry, name, error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Refused(entry, name, "its file cannot be read any more.");
        }
        finally
        {
            file?.Hold.Dispose();
        }

        LogLoaded(logger, name, entry.Assignment.Deployment);
        return null;
    }

    /// <summary>Its requests may end within <see cref="EngineOptions.DrainTimeout"/>; if they do not, it stays. Once begun it goes on to its end, also when the caller leaves.</summary>
    public async Task<OpenAIError?> UnloadAsync(InternalIdentity identity, UnloadAdapterRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.LoraName))
        {
            return OpenAIError.Invalid("'lora_name' needs to be provided to unload a LoRA adapter.", "lora_name");
        }

        var name = request.LoraName;
        var found = Visible(identity)
            .Where(entry => request.BaseModelName is not { Length: > 0 } basis || entry.Assignment.Deployment == basis)
            .Select(entry => (Entry: entry, Adapter: adapters.Of(entry.Assignment.DeploymentId).Find(name)))
            .Where(pair => pair.Adapter is not null)
            .ToList();
        if (found is not [var (entry, adapter)])
        {
            return found.Count == 0
                ? NotFound(name)
                : OpenAIError.Invalid($"Several models have an adapter '{name}': name one by 'base_model_name'.", "base_model_name");
        }

        var shelf = adapters.Of(entry.Assignment.DeploymentId);
        await shelf.Turn.WaitAsync(cancellationToken);
        try
        {
            // Somebody else may have unloaded it meanwhile, and one of its name may be there now.
            if (adapter is null || shelf.Find(name) != adapter)
            {
                return NotFound(name);
            }

            if (Now(entry)?.Adapters is { } served && !await served.RemoveAsync(name, engine.Value.DrainTimeout))
            {
                return new OpenAIError(409, new(
                    $"The lora adapter '{name}' is in use, and its requests did not end within {engine.Value.DrainTimeout.TotalSeconds} seconds (Engine:DrainTimeout): it stays loaded. Try again when they have ended.",
                    "invalid_request_error", "lora_name", "adapter_in_use"));
            }

            shelf.Drop(adapter);
        }
        catch (EngineStoppedException)
        {
            return OpenAIError.ModelNotReady(entry.Assignment.Deployment, "unloading");
        }
        finally
        {
            shelf.Turn.Release();
        }

        LogUnloaded(logger, name, entry.Assignment.Deployment);
        return null;
    }

    private static OpenAIError? Refuse(LoadAdapterRequest request) =>
        string.IsNullOrEmpty(request.LoraName) || string.IsNullOrEmpty(request.LoraPath)
            ? OpenAIError.Invalid("Both 'lora_name' and 'lora_path' must be provided.", string.IsNullOrEmpty(request.LoraName) ? "lora_name" : "lora_path")
        : !AdapterOrder.IsName(request.LoraName)
            ? OpenAIError.Invalid("'lora_name' has 1 to 128 letters, digits and . _ : / @ -, and begins with a letter or a digit.", "lora_name")
        : request.LoadInplace == true ? OpenAIError.Unsupported("load_inplace", ": unload the adapter first")
        : null;

    private IEnumerable<ModelRegistryEntry> Visible(InternalIdentity identity) => registry.Entries.Where(entry => identity.CoversProject(entry.Assignment.Project));

    private OpenAIError? FindModel(InternalIdentity identity, string? name, out ModelRegistryEntry entry)
    {
        var candidates = Visible(identity).Where(candidate => string.IsNullOrEmpty(name) ? candidate.Model?.Adapters is not null : candidate.Assignment.Deployment == name)
            .OrderByDescending(candidate => candidate.Assignment.Project == identity.Project).ToList();
        // When a refusal is returned, nobody looks at the entry.
        entry = candidates.FirstOrDefault()!;
        return candidates.Count == 0
            ? string.IsNullOrEmpty(name) ? OpenAIError.Invalid("There is no model here that takes adapters.", "base_model_name") : OpenAIError.ModelNotFound(name, adapters.Names(registry.Entries, identity))
            : string.IsNullOrEmpty(name) && candidates.Count > 1
                ? OpenAIError.Invalid($"Several models take adapters here: name one by 'base_model_name' ({string.Join(", ", candidates.Select(candidate => candidate.Assignment.Deployment))}).", "base_model_name")
                : null;
    }

    private static OpenAIError Refused(ModelRegistryEntry entry, string name, string why) =>
        OpenAIError.Invalid($"The adapter '{name}' cannot be loaded beside '{entry.Assignment.Deployment}': {why}", "lora_path", "adapter_refused");

    private static OpenAIError NotFound(string name) =>
        new(404, new($"The lora adapter '{name}' cannot be found.", "invalid_request_error", "lora_name", "adapter_not_found"));

    private DeployedModel? Now(ModelRegistryEntry entry) => registry.Entries.FirstOrDefault(candidate => candidate.Assignment.DeploymentId == entry.Assignment.DeploymentId)?.Model;

    [LoggerMessage(3360, LogLevel.Information, "The adapter {Adapter} is loaded beside {Deployment}")]
    private static partial void LogLoaded(ILogger logger, string adapter, string deployment);

    [LoggerMessage(3363, LogLevel.Warning, "The adapter {Adapter} for {Deployment} is not there: {Reason}")]
    private static partial void LogNotFetched(ILogger logger, string adapter, string deployment, string reason);

    [LoggerMessage(3361, LogLevel.Information, "The adapter {Adapter} of {Deployment} is unloaded")]
    private static partial void LogUnloaded(ILogger logger, string adapter, string deployment);
}
