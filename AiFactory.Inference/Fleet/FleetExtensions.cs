using AiFactory.Inference.Access;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Quantization;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Health;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.Inference.Fleet;

internal static class FleetExtensions
{
    /// <summary>Models: fetched, loaded and served as the library orders, or the one that the settings name.</summary>
    /// <param name="engine">In the process of one model, the pipes to its worker; else null.</param>
    public static void AddFleet(this IHostApplicationBuilder builder, EngineChannel? engine = null)
    {
        var services = builder.Services;
        LlamaRuntime.Begin();
        services.AddOptionsWithValidateOnStart<EngineOptions>().BindConfiguration(EngineOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<WorkerOptions>().BindConfiguration(WorkerOptions.Section).ValidateDataAnnotations();

        var serve = ServeEnvironment.Apply(builder.Configuration);
        // An engine's files are here: it has no store, and the keys of none.
        // A worker with a caller's key may have an identity key that is drawn anew at each start.
        var secret = serve.ApiKey is { Length: > 0 } caller ? caller : builder.Configuration[$"{IdentityOptions.Section}:{nameof(IdentityOptions.Key)}"];
        builder.AddWeights(engine is null ? serve.TryModel() : new ModelUri.Local(engine.Order.Files[0].Path, []), secret);
        services.AddSingleton<ModelFiles>();
        services.AddSingleton<QuantizedWeights>();
        builder.AddTelemetrySources(InferenceTelemetry.Name);
        services.AddSingleton<InferenceTelemetry>();
        services.AddSingleton(provider => LlamaRuntime.Load(provider.GetRequiredService<ILoggerFactory>().CreateLogger("llama.cpp")));
        services.AddSingleton<ModelRegistry>();
        services.AddSingleton<LoadGuard>();
        services.AddSingleton<MemoryBudget>();
        // Where one model is served by settings the pod is the process, and what the platform starts again.
        services.AddIsolation(engine is null && IsolationExtensions.IsIsolated(builder.Configuration, serve.IsOne ? IsolationMode.None : IsolationMode.Process));

        services.AddServiceClient(LibraryClient.Name).WithServiceIdentity(Roles.Worker)
            // A heartbeat is sent again anyway, with newer news.
            .ConfigureResilience(resilience => resilience.Enabled = false);
        services.AddSingleton<LibraryClient>();
        // Loaded models serve without the object store: its absence must not take the worker out of service.
        services.Configure<HealthCheckServiceOptions>(health => health.Registrations.Where(check => check.Name == WeightsExtensions.ObjectStoreName).ToList()
            .ForEach(check => health.Registrations.Remove(check)));
        services.AddHealthChecks().AddCheck<EngineHealthCheck>("engines", tags: [HealthTags.Ready]);

        services.AddSingleton<DeploymentFiles>();
        services.AddSingleton<DeploymentRunner>();
        services.AddSingleton<AssignmentReconciler>();
        services.AddOptionsWithValidateOnStart<ServeOptions>().BindConfiguration(ServeOptions.Section).ValidateDataAnnotations();
        if (engine is not null)
        {
            services.AddEngine(engine);
            return;
        }

        if (serve.IsOne)
        {
            if (serve.ApiKey is { Length: > 0 })
            {
                builder.AddCallerKey();
            }

            services.AddSingleton<FixedModelWorker>();
            services.AddHostedService(provider => provider.GetRequiredService<FixedModelWorker>());
            services.AddHealthChecks().AddCheck<FixedModelWorker>("model", tags: [HealthTags.Ready]);
            return;
        }

        services.AddSingleton<OrdersFile>();
        services.AddSingleton<WorkerAddress>();
        services.AddHostedService<HeartbeatWorker>();
    }
}
