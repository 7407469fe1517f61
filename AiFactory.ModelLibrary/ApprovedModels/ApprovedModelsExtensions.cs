using AiFactory.ModelLibrary.Kubernetes;
using AiFactory.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.ApprovedModels;

internal static class ApprovedModelsExtensions
{
    internal static WebApplicationBuilder AddApprovedModels(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<ApprovedModelStore>()
            .AddSingleton<ApprovedModelPublisher>()
            .AddSingleton<WriterLeaseStore>()
            .AddSingleton<WriterLease>()
            .AddSingleton<ApprovedModelWriter>()
            .AddSingleton<ApprovedModelsHealthCheck>()
            .AddHostedService(services => services.GetRequiredService<ApprovedModelWriter>());
        builder.Services.AddOptions<HealthCheckServiceOptions>().Configure<IOptions<KubernetesOptions>>((health, kubernetes) =>
        {
            if (kubernetes.Value.IsOn)
            {
                health.Registrations.Add(new HealthCheckRegistration(
                    ApprovedModelsHealthCheck.Name, services => services.GetRequiredService<ApprovedModelsHealthCheck>(), failureStatus: null, [HealthTags.Ready]));
            }
        });
        return builder;
    }
}
