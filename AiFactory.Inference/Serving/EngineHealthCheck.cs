using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Serving;

/// <summary>Ready means: llama.cpp runs in this process and no engine has hung. A worker without models is ready to be given some.</summary>
internal sealed class EngineHealthCheck(ModelRegistry registry, LlamaRuntime runtime, IOptions<EngineOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var longest = options.Value.LongestStep;
        var hung = registry.Ready.FirstOrDefault(model => model.CurrentStep > longest);
        if (hung is not null)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"The engine of {hung.Assignment.Deployment} has computed one step for over {longest.TotalSeconds} seconds."));
        }

        var states = string.Join(", ", registry.Statuses.GroupBy(status => status.State).Select(group => $"{group.Count()} {group.Key}"));
        var failed = registry.Statuses.Any(status => status.State == WorkerModelStates.Failed);
        var description = $"{runtime.Hardware}; models: {(states.Length == 0 ? "none" : states)}";
        return Task.FromResult(failed ? HealthCheckResult.Degraded(description) : HealthCheckResult.Healthy(description));
    }
}
