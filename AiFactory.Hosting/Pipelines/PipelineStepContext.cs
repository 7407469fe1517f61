using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

public sealed class PipelineStepContext
{
    public required PipelineContext PipelineContext { get; init; }

    public DistributedApplicationModel Model => PipelineContext.Model;

    public DistributedApplicationExecutionContext ExecutionContext => PipelineContext.ExecutionContext;

    public IServiceProvider Services => PipelineContext.Services;

    public ILogger Logger => PipelineContext.Logger;

    public CancellationToken CancellationToken => PipelineContext.CancellationToken;
}
