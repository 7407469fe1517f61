using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Serving;

/// <summary>The model that a request means, held for it, or the refusal.</summary>
internal sealed class ModelResolver(
    ModelRegistry registry,
    ModelPowers powers,
    DeployedAdapters adapters,
    RequestTermsReader terms,
    EngineForwarder forwarder,
    EngineRestarts restarts,
    IOptions<LifecycleOptions> lifecycle,
    IOptions<EngineOptions> engine,
    IHostApplicationLifetime host,
    TimeProvider time)
{
    /// <summary>The name of the one model that the caller may use: for routes that others serve for one model, and so without a name. Null when there are none, or several.</summary>
    public string? OnlyName(HttpContext http) =>
        registry.Entries.Where(entry => http.GetIdentity().CoversProject(entry.Assignment.Project)).Select(entry => entry.Assignment.Deployment).Distinct().Take(2).ToList() is [var only] ? only : null;

    /// <summary>A model that sleeps, or whose process is started again, is waited for, as long as <see cref="LifecycleOptions.LongestWait"/> and the request's own deadline allow.</summary>
    /// <returns>The use, or the refusal.</returns>
    private async Task<(ModelUse? Use, OpenAIError Error)> ResolveAsync(HttpContext http, string? name, CancellationToken cancellationToken)
    {
        var (use, error, asleep) = Resolve(http, name);
        // When the use is there, nobody looks at the refusal.
        return asleep is null ? (use, error!) : await WaitAsync(http, name, asleep, cancellationToken);
    }

    /// <summary>
    /// A request that its model's falling asleep ended, before a word of it was sent, is answered once the model is awake; one whose model's process died, once that is started again. A model in a process of its
    /// own answers there.
    /// </summary>
    /// <param name="answer">Gets the model, where it is in this process, which is held for it. It asks for no other: a model that is to sleep waits for those who hold it, and they would wait for its waking.</param>
    public async Task<IResult> HoldAsync(HttpContext http, string? name, Func<ModelUse, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var deaths = 0; ;)
        {
            var (held, unresolved) = await ResolveAsync(http, name, cancellationToken);
            if (held is null)
            {
                return new OpenAIErrorResult(unresolved);
            }

            var result = held.Deployed is IsolatedModel isolated ? await forwarder.SendAsync(http, held, isolated, cancellationToken) : await AnswerHereAsync(http, held, answer);
            if (result is OpenAIErrorResult { Error.IsEngineDied: true } && ++deaths <= EngineRestarts.MostDeaths)
            {
                if (await restarts.WaitAsync(http, held.Deployed, began, cancellationToken) is { } refusal)
                {
                    return new OpenAIErrorResult(refusal);
                }

                continue;
            }

            if (result is not OpenAIErrorResult { Error.IsStopping: true })
            {
                return result;
            }

            var (use, _, asleep) = Resolve(http, name);
            use?.Dispose();
            if (asleep is null || host.ApplicationStopping.IsCancellationRequested)
            {
                return result;
            }
        }
    }

    private static async Task<IResult> AnswerHereAsync(HttpContext http, ModelUse held, Func<ModelUse, Task<IResult>> answer)
    {
        using (held)
        {
            var result = await answer(held);
            LoadHeader.Write(http, held.Deployed);
            return result;
        }
    }

    /// <summary>1. A place among those who wait. 2. Wake it, when the settings say so. 3. Look again at every change, until it is there, will not come, or the time is up.</summary>
    private async Task<(ModelUse? Use, OpenAIError Error)> WaitAsync(HttpContext http, string? name, ModelPower asleep, CancellationToken cancellationToken)
    {
        if (terms.Read(http, priority: null, out var asked) is { } refusal)
        {
            return (null, refusal);
        }

        if (!asleep.TryEnter(engine.Value.QueueLimit))
        {
            return (null, OpenAIError.QueueFull(TimeSpan.FromSeconds(1)));
        }

        try
        {
            if (lifecycle.Value.WakeOnRequest)
            {
                asleep.Wake();
            }

            var longest = lifecycle.Value.LongestWait;
            using var deadline = new CancellationTokenSource(asked.Patience is { } patience && patience < longest ? patience : longest, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, host.ApplicationStopping, cancellationToken);
            while (true)
            {
                var changed = registry.NextChange;
                var (use, error, still) = Resolve(http, name);
                if (still is null || deadline.IsCancellationRequested)
                {
                    return (use, error!);
                }

                await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
                if (host.ApplicationStopping.IsCancellationRequested)
                {
                    return (null, OpenAIError.Stopping());
                }
            }
        }
        finally
        {
            asleep.Leave();
        }
    }

    private (ModelUse? Use, OpenAIError? Error, ModelPower? Asleep) Resolve(HttpContext http, string? name)
    {
        var named = adapters.Find(http.Request.Headers[WireHeaders.Deployment], name, registry.Entries, http.GetIdentity());
        if (named is null && http.Request.Headers[WireHeaders.Adapter].ToString() is { Length: > 0 } gone)
        {
            // The worker has found it, and it was unloaded since: the model without it would answer under its name.
            return (null, OpenAIError.ModelNotFound(gone, adapters.Names(registry.Entries, http.GetIdentity())), null);
        }

        // A model that was found this moment may have been replaced the next; then its successor is there already.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            switch (registry.Find(named?.Deployment.ToString() ?? http.Request.Headers[WireHeaders.Deployment], name, http.GetIdentity()))
            {
                case ModelLookup.Found found when found.Model.TryUse() is { } held:
                    held.Adapter = named?.Adapter;
                    return (held, null, null);
                case ModelLookup.Found { Model: IsolatedModel { Ended.IsCompleted: true } died }:
                    return (null, OpenAIError.ModelNotReady(died.Assignment.Deployment, "its process is started again"), powers.Of(died.Assignment.DeploymentId));
                case ModelLookup.Found:
                    continue;
                case ModelLookup.NotReady notReady:
                    return (
                        null,
                        OpenAIError.ModelNotReady(notReady.Name, notReady.Message is null ? notReady.State : $"{notReady.State} ({notReady.Message})"),
                        notReady.State != WorkerModelStates.Failed && powers.Of(notReady.Deployment) is { HoldsRequests: true } power ? power : null);
                case ModelLookup.Unknown { Name: "" }:
                    return (null, OpenAIError.Invalid("You must provide a model parameter.", "model"), null);
                default:
                    return (null, OpenAIError.ModelNotFound(name ?? "", adapters.Names(registry.Entries, http.GetIdentity())), null);
            }
        }

        return (null, OpenAIError.Stopping(), null);
    }
}
