using System.Reflection;
using Aspire.Hosting.Pipelines;

namespace AiFactory.AppHost.Kubernetes;

internal static class KubernetesExtensions
{
    private const string Environment = "k8s";

    /// <summary>
    /// How the model is published: one Helm chart of what the model holds, by <c>publish --output-path DIR</c>. Called last, when the model is whole. A run has nothing of it.
    /// </summary>
    public static void PublishAsHelmChart(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
        {
            return;
        }

        builder.AddKubernetesEnvironment(Environment)
            .WithDashboard(false)
            .WithHelm(helm => helm
                .WithChartName("aifactory")
                .WithChartVersion(Version())
                .WithChartDescription("AiFactory: a catalogue of governed models, OpenAI's protocol, a builder for agents and retrieval"));

        var factory = new Factory(builder);
        foreach (var service in factory.Services)
        {
            builder.CreateResourceBuilder(service.Resource).PublishAsKubernetesService(published => new ServicePublication(factory, service).Apply(published));
        }

#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // Aspire marks its pipeline as experimental; nothing else writes beside a chart's objects.
        builder.Pipeline.AddStep(
            "complete-chart",
            context =>
            {
                var output = (IPipelineOutputService?)context.Services.GetService(typeof(IPipelineOutputService))
                    ?? throw new DistributedApplicationException("There is no output folder to publish to.");
                return new ChartCompletion(factory, output.GetOutputDirectory()).WriteAsync(context.CancellationToken);
            },
            dependsOn: $"publish-{Environment}",
            requiredBy: WellKnownPipelineSteps.Publish);
#pragma warning restore ASPIREPIPELINES001, ASPIREPIPELINES004
    }

    // 0.1.0 of 0.1.0+commit: the same sources give the same chart, whichever commit they are.
    private static string Version() =>
        typeof(KubernetesExtensions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
