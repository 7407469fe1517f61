using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>In the place of <see cref="HeartbeatWorker"/>: serves the one model of <see cref="ServeOptions"/>, and is ready when it is.</summary>
/// <param name="runtime">Asked for so that llama.cpp is loaded before the model is.</param>
internal sealed class FixedModelWorker(AssignmentReconciler reconciler, ModelRegistry registry, LlamaRuntime runtime, IOptions<ServeOptions> serve, IOptions<EngineOptions> engine)
    : IHostedLifecycleService, IHealthCheck
{
    private readonly ModelAssignment _assignment = Assignment(serve.Value);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        reconciler.Apply([_assignment]);
        return Task.CompletedTask;
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(registry.Ready.Any()
            ? HealthCheckResult.Healthy($"{_assignment.Deployment} is served on {runtime.Hardware}.")
            : registry.Statuses is [{ State: WorkerModelStates.Sleeping }, ..] ? HealthCheckResult.Healthy($"{_assignment.Deployment} sleeps: requests wait for it.")
            : HealthCheckResult.Unhealthy(registry.Statuses is [var status, ..] ? $"{_assignment.Deployment} is {status.State}. {status.Message}".TrimEnd() : $"{_assignment.Deployment} is not loaded yet."));

    /// <summary>Before the server stops: answers in progress end, or end with a word of why.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => reconciler.StopAsync(engine.Value.DrainTimeout, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// The id follows from the names: replicas of one deployment agree on it, without a library to give it. Of a model in several files the digest is those of all, with commas between them:
    /// which files they are is known when its folder is looked into.
    /// </summary>
    internal static ModelAssignment Assignment(ServeOptions serve)
    {
        var model = serve.Model;
        var deployment = serve.Deployment is { Length: > 0 } name ? name : model?.DefaultName ?? throw new InvalidOperationException("Serve:Deployment is not set.");
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{serve.Project}/{deployment}")).AsSpan(0, 16));
        var digests = model?.Digests ?? [];
        return new ModelAssignment(
            id, serve.Project, deployment, deployment, 1, serve.Task, model?.Key ?? serve.ObjectKey, digests.Count > 0 ? string.Join(',', digests) : serve.Digest, serve.SizeBytes, serve.ContextLength, serve.Slots)
        {
            Quantization = serve.Quantization is { Length: > 0 } quantization ? quantization : null,
        };
    }
}
