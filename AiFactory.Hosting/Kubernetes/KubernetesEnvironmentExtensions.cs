using AiFactory.Hosting.Kubernetes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static class KubernetesEnvironmentExtensions
{
    /// <summary>Adds a cluster to publish to: the step <c>publish-{name}</c> writes its Helm chart. A run has none.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var environment = new KubernetesEnvironmentResource(name) { HelmChartName = ChartName(builder.Environment.ApplicationName) };
        if (builder.ExecutionContext.IsRunMode)
        {
            return builder.CreateResourceBuilder(environment);
        }

        builder.Pipeline.AddStep(
            $"publish-{name}",
            context => new ChartPublisher(
                environment,
                context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory(),
                new WorkloadBuilder(environment, context.ExecutionContext, new MachinePaths(builder.AppHostDirectory))).WriteAsync(context.Model, context.CancellationToken),
            dependsOn: WellKnownPipelineSteps.PublishPrereq,
            requiredBy: WellKnownPipelineSteps.Publish);
        return builder.AddResource(environment);
    }

    public static IResourceBuilder<KubernetesEnvironmentResource> WithHelm(this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<HelmChartOptions>? configure = null)
    {
        configure?.Invoke(new HelmChartOptions(builder.Resource));
        return builder;
    }

    public static IResourceBuilder<KubernetesEnvironmentResource> WithProperties(this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<KubernetesEnvironmentResource> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(builder.Resource);
        return builder;
    }

    /// <summary>The Aspire dashboard in the cluster: this implementation publishes none, whatever is said.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithDashboard(this IResourceBuilder<KubernetesEnvironmentResource> builder, bool enabled = true)
        => enabled ? throw new NotSupportedException("AiFactory.Hosting publishes no dashboard: WithDashboard(false).") : builder;

    private static string ChartName(string application)
        => application.ToLowerInvariant().Replace('_', '-').Replace('.', '-');
}
