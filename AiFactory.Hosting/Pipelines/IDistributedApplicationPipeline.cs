namespace Aspire.Hosting.Pipelines;

/// <summary>The named steps of publishing, each done when what it depends on is.</summary>
public interface IDistributedApplicationPipeline
{
    /// <param name="dependsOn">A step's name, or several: done before this one.</param>
    /// <param name="requiredBy">A step's name, or several: not done before this one.</param>
    void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);
}
