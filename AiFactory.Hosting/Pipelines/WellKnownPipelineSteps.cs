namespace Aspire.Hosting.Pipelines;

public static class WellKnownPipelineSteps
{
    public const string Publish = "publish";

    public const string PublishPrereq = "publish-prereq";
}
