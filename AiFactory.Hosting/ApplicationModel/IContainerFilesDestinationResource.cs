namespace Aspire.Hosting.ApplicationModel;

public interface IContainerFilesDestinationResource : IResource;
