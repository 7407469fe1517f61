using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.JavaScript;

public class JavaScriptAppResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery, IResourceWithContainerFiles;
