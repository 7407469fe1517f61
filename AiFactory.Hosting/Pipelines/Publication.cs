using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Pipelines;

/// <summary>What <c>publish</c> does in the place of a run: the steps that the step "publish" needs.</summary>
internal sealed partial class Publication(
    IDistributedApplicationPipeline pipeline,
    IPipelineOutputService output,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext execution,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    ILogger<DistributedApplication> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var directory = output.GetOutputDirectory();
        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
        await ((Pipeline)pipeline).ExecuteAsync(WellKnownPipelineSteps.Publish, new PipelineContext(model, execution, services, logger, cancellationToken));
        LogPublished(logger, directory);
    }

    [LoggerMessage(5501, LogLevel.Information, "Published to {Directory}")]
    private static partial void LogPublished(ILogger logger, string directory);
}
