using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.JavaScript;

public class JavaScriptInstallerResource(string name, string workingDirectory) : ExecutableResource(name, "npm", workingDirectory);
