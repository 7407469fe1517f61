namespace Aspire.Hosting.ApplicationModel;

public interface IResourceWithoutLifetime : IResource;
