namespace Aspire.Hosting.Pipelines;

public interface IPipelineOutputService
{
    /// <summary>The folder that <c>--output-path</c> names.</summary>
    string GetOutputDirectory();
}
