using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What the AppHost's build knows of a referenced project; the build generates a class of it for each.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The absolute path of the project file.</summary>
    string ProjectPath { get; }

    LaunchSettings? LaunchSettings => null;

    bool IsFileBasedApp => false;

    bool SuppressBuild => false;
}
