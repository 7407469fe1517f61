using System.Security.Cryptography;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Isolation;

/// <summary>Into a process of its own, which gets what it needs by a pipe, and nothing that it does not.</summary>
internal sealed class IsolatedModelLoader(
    EngineLauncher launcher,
    EngineWatch watch,
    LoadGuard guard,
    MemoryBudget memory,
    MeasurementReplay replay,
    InferenceTelemetry telemetry,
    IConfiguration configuration,
    TimeProvider time,
    ILogger<IsolatedModelLoader> logger) : IModelLoader
{
    private static readonly string[] Sections = [$"{EngineOptions.Section}:", $"{OpenAIOptions.Section}:", "Logging:", "OTEL_"];

    public Task<DeployedModel> LoadAsync(ModelAssignment assignment, WeightsLease lease, CancellationToken cancellationToken) =>
        guard.RunElsewhereAsync(assignment.Digest, () => StartAsync(assignment, lease, cancellationToken), cancellationToken);

    private async Task<DeployedModel> StartAsync(ModelAssignment assignment, WeightsLease lease, CancellationToken cancellationToken)
    {
        var (key, socket) = (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), launcher.NextSocket());
        var order = new EngineOrder(assignment, [.. lease.Files.Select(file => new EngineFile(file.Path, file.Digest, file.SizeBytes))], socket, Settings(key));
        var process = await EngineProcess.StartAsync(launcher, order, memory, replay, logger);
        _ = watch.RunAsync(assignment.Deployment, process);
        try
        {
            var ready = await process.Ready.WaitAsync(cancellationToken);
            var tokens = new IdentityTokens(Options.Create(new IdentityOptions { Key = key }), time);
            return new IsolatedModel(assignment, lease, process, ready, socket, tokens, telemetry, time);
        }
        catch (Exception error)
        {
            await process.DisposeAsync();
            if (error is EngineDiedException)
            {
                guard.Note(assignment.Digest, "");
            }

            throw;
        }
    }

    /// <summary>Metrics are exported here, where they are recorded.</summary>
    private Dictionary<string, string?> Settings(string key)
    {
        var settings = configuration.AsEnumerable()
            .Where(setting => setting.Value is not null && Sections.Any(section => setting.Key.StartsWith(section, StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);
        settings[$"{IdentityOptions.Section}:{nameof(IdentityOptions.Key)}"] = key;
        settings[$"{EngineOptions.Section}:{nameof(EngineOptions.Isolation)}"] = nameof(IsolationMode.None);
        settings["OTEL_METRICS_EXPORTER"] = "none";
        return settings;
    }
}
