namespace Aspire.Hosting.ApplicationModel;

public class ValueProviderContext
{
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    public IResource? Caller { get; init; }

    /// <summary>The replica for which a value is asked: each has its own target ports.</summary>
    internal Func<EndpointAnnotation, int?>? TargetPort { get; init; }
}
