using AiFactory.Contracts.Workers;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Lifecycle;

/// <summary>Sends models to sleep and wakes them, for a caller who may see them; answers when it is done.</summary>
internal sealed partial class LifecycleService(ModelRegistry registry, ModelPowers powers, IHostApplicationLifetime host, ILogger<LifecycleService> logger)
{
    private static readonly Dictionary<ModelPowerState, string> Wishes = new()
    {
        [ModelPowerState.Awake] = "wake up",
        [ModelPowerState.Waking] = "wake up",
        [ModelPowerState.Asleep] = "sleep",
        [ModelPowerState.Unloaded] = "be unloaded",
    };

    /// <param name="name">Null for all that the caller sees.</param>
    public async Task<OpenAIError?> RestAsync(InternalIdentity identity, string? name, bool unload, CancellationToken cancellationToken)
    {
        if (Find(identity, name, out var entries) is { } unknown)
        {
            return unknown;
        }

        foreach (var entry in entries)
        {
            LogResting(logger, entry.Assignment.Deployment, unload ? WorkerModelStates.Unloaded : WorkerModelStates.Sleeping);
            var power = powers.Of(entry.Assignment.DeploymentId);
            if (unload)
            {
                power.Unload();
            }
            else
            {
                power.Sleep();
            }
        }

        return await WaitAsync(entries, toRest: true, cancellationToken);
    }

    /// <param name="name">Null for all that the caller sees.</param>
    public async Task<OpenAIError?> WakeAsync(InternalIdentity identity, string? name, CancellationToken cancellationToken)
    {
        if (Find(identity, name, out var entries) is { } unknown)
        {
            return unknown;
        }

        foreach (var entry in entries)
        {
            LogWaking(logger, entry.Assignment.Deployment);
            powers.Of(entry.Assignment.DeploymentId).Wake();
        }

        return await WaitAsync(entries, toRest: false, cancellationToken);
    }

    /// <summary>True when all of them sleep, or are unloaded.</summary>
    public OpenAIError? IsSleeping(InternalIdentity identity, string? name, out bool isSleeping)
    {
        var unknown = Find(identity, name, out var entries);
        isSleeping = entries.Count > 0 && entries.All(entry => powers.Of(entry.Assignment.DeploymentId).IsOff);
        return unknown;
    }

    private OpenAIError? Find(InternalIdentity identity, string? name, out IReadOnlyList<ModelRegistryEntry> entries)
    {
        entries = [.. registry.Entries.Where(entry => (name is null || entry.Assignment.Deployment == name) && identity.CoversProject(entry.Assignment.Project))];
        return entries.Count == 0 && name is not null ? OpenAIError.ModelNotFound(name) : null;
    }

    /// <summary>A deployment that is taken away meanwhile, that cannot be loaded, or of which somebody wants the opposite, is not waited for.</summary>
    private async Task<OpenAIError?> WaitAsync(IReadOnlyList<ModelRegistryEntry> entries, bool toRest, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping, cancellationToken);
        foreach (var entry in entries)
        {
            while (true)
            {
                var changed = registry.NextChange;
                var now = registry.Entries.FirstOrDefault(candidate => candidate.Assignment.DeploymentId == entry.Assignment.DeploymentId);
                if (now is null)
                {
                    break;
                }

                var power = powers.Of(entry.Assignment.DeploymentId);
                var turned = power.NextChange;
                var state = power.State;
                if (toRest ? now.Status.State is WorkerModelStates.Sleeping or WorkerModelStates.Unloaded : now.Status.State == WorkerModelStates.Ready && state == ModelPowerState.Awake)
                {
                    break;
                }

                if (toRest != (state is ModelPowerState.Asleep or ModelPowerState.Unloaded))
                {
                    return OpenAIError.Overtaken(now.Assignment.Deployment, Wishes[state]);
                }

                if (!toRest && now.Status.State == WorkerModelStates.Failed)
                {
                    return OpenAIError.ModelNotReady(now.Assignment.Deployment, $"{now.Status.State} ({now.Status.Message})");
                }

                await ((Task)Task.WhenAny(changed, turned)).WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
                if (host.ApplicationStopping.IsCancellationRequested)
                {
                    return OpenAIError.Stopping();
                }
            }
        }

        return null;
    }

    [LoggerMessage(3351, LogLevel.Information, "{Deployment} is to be {State}: its memory is given back, its file stays")]
    private static partial void LogResting(ILogger logger, string deployment, string state);

    [LoggerMessage(3352, LogLevel.Information, "{Deployment} is to be in memory again")]
    private static partial void LogWaking(ILogger logger, string deployment);
}
