namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class ProbeV1
{
    public HttpGetActionV1? HttpGet { get; set; }

    public int? InitialDelaySeconds { get; set; }

    public int? PeriodSeconds { get; set; }

    public int? TimeoutSeconds { get; set; }

    public int? FailureThreshold { get; set; }

    public int? SuccessThreshold { get; set; }
}
