using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Isolation;

/// <summary>Where those wait whose model's process died before a word of their answer was there.</summary>
internal sealed class EngineRestarts(
    ModelRegistry registry, ModelPowers powers, RequestTermsReader terms, IOptions<EngineOptions> engine, IHostApplicationLifetime host, TimeProvider time)
{
    /// <summary>A request whose own words end the process must not end it for ever.</summary>
    public const int MostDeaths = 2;

    /// <summary>Until the model is served again, will not be for long, or the request's time is up.</summary>
    /// <param name="began">When the request came.</param>
    /// <returns>A refusal; null when it is time to look again.</returns>
    public async Task<OpenAIError?> WaitAsync(HttpContext http, DeployedModel died, long began, CancellationToken cancellationToken)
    {
        if (terms.Read(http, priority: null, out var asked) is { } refusal)
        {
            return refusal;
        }

        var left = (asked.Patience ?? engine.Value.LongestWait) - time.GetElapsedTime(began);
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, host.ApplicationStopping, cancellationToken);
        while (true)
        {
            var changed = registry.NextChange;
            var entry = registry.Entries.FirstOrDefault(candidate => candidate.Assignment.DeploymentId == died.Assignment.DeploymentId);
            var isComing = entry is not null && !powers.Of(died.Assignment.DeploymentId).IsOff
                && (entry.Model is null ? entry.Status.State != WorkerModelStates.Failed : entry.Model.Ended.IsCompleted);
            if (!isComing)
            {
                return null;
            }

            await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (host.ApplicationStopping.IsCancellationRequested)
            {
                return OpenAIError.Stopping();
            }

            if (deadline.IsCancellationRequested)
            {
                return OpenAIError.DeadlineExceeded(TimeSpan.FromSeconds(1));
            }
        }
    }
}
