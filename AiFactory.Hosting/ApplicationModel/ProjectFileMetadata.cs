namespace Aspire.Hosting.ApplicationModel;

internal sealed class ProjectFileMetadata(string projectPath) : IProjectMetadata
{
    public string ProjectPath { get; } = projectPath;
}
