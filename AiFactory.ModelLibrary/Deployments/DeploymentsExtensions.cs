using AiFactory.ModelLibrary.Deployments.Local;

namespace AiFactory.ModelLibrary.Deployments;

internal static class DeploymentsExtensions
{
    internal static WebApplicationBuilder AddDeployments(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<DeploymentStore>()
            .AddSingleton<AssignmentStore>()
            .AddSingleton<DeploymentService>()
            .AddSingleton<WorkerWatch>()
            .AddSingleton<IDeploymentTarget, LocalTarget>()
            .AddSingleton<DeploymentReconciler>()
            .AddHostedService(services => services.GetRequiredService<DeploymentReconciler>());
        return builder;
    }

    internal static WebApplication MapDeployments(this WebApplication app)
    {
        DeploymentEndpoints.Map(app);
        return app;
    }
}
