namespace Aspire.Hosting.ApplicationModel;

public abstract class ProbeAnnotation : IResourceAnnotation
{
    public required ProbeType Type { get; init; }

    public int InitialDelaySeconds { get; init; }

    public int PeriodSeconds { get; init; } = 5;

    public int TimeoutSeconds { get; set; } = 1;

    public int FailureThreshold { get; init; } = 3;

    public int SuccessThreshold { get; init; } = 1;
}
