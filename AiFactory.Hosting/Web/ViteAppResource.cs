namespace Aspire.Hosting.JavaScript;

public class ViteAppResource(string name, string command, string workingDirectory) : JavaScriptAppResource(name, command, workingDirectory);
