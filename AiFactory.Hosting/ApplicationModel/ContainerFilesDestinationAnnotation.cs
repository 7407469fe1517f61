namespace Aspire.Hosting.ApplicationModel;

public sealed class ContainerFilesDestinationAnnotation : IResourceAnnotation
{
    public required IResource Source { get; init; }

    public required string DestinationPath { get; init; }
}
