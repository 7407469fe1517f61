namespace Aspire.Hosting.ApplicationModel;

public interface IResourceWithContainerFiles : IResource;
