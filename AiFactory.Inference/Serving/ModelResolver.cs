using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
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
    IOptions<LifecycleOptions> lifecycle,
    IOptions<EngineOptions> engine,
    IHostApplicationLifetime host,
    TimeProvider time)
{
    /// <summary>The name of the one model that the caller may use: for routes that others serve for one model, and so without a name. Null when there are none, or several.</summary>
    public string? OnlyName(HttpContext http) =>
        registry.Entries.Where(entry => http.GetIdentity().CoversProject(entry.Assignment.Project)).Select(entry => entry.Assignment.Deployment).Distinct().Take(2).ToList() is [var only] ? only : null;

    /// <summary>A model that sleeps is waited for, as long as <see cref="LifecycleOptions.LongestWait"/> and the request's own deadline allow.</summary>
    /// <returns>The use, or the refusal.</returns>
    public async Task<(ModelUse? Use, OpenAIError Error)> ResolveAsync(HttpContext http, string? name, CancellationToken cancellationToken)
    {
        var (use, error, asleep) = Resolve(http, name);
        // When the use is there, nobody looks at the refusal.
        return asleep is null ? (use, error!) : await WaitAsync(http, name, asleep, cancellationToken);
    }

    /// <summary>A request that its model's falling asleep ended, before a word of it was sent, is answered once the model is awake.</summary>
    /// <param name="answer">Gets the model, which is held for it. It asks for no other: a model that is to sleep waits for those who hold it, and they would wait for its waking.</param>
    public async Task<IResult> HoldAsync(HttpContext http, string? name, Func<ModelUse, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (held, unresolved) = await ResolveAsync(http, name, cancellationToken);
            if (held is null)
            {
                return new OpenAIErrorResult(unresolved);
            }

            IResult result;
            using (held)
            {
                result = await answer(held);
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
        // A model that was found this moment may have been replaced the next; then its successor is there already.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            switch (registry.Find(named?.Deployment.ToString() ?? http.Request.Headers[WireHeaders.Deployment], name, http.GetIdentity()))
            {
                case ModelLookup.Found found when found.Model.TryUse() is { } held:
                    held.Adapter = named?.Adapter;
                    return (held, null, null);
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
