namespace Aspire.Hosting.ApplicationModel;

public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    public ExecutableResource(string name, string command, string workingDirectory)
        : base(name)
    {
        Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });
    }

    public string Command => Last.Command;

    public string WorkingDirectory => Last.WorkingDirectory;

    private ExecutableAnnotation Last => Annotations.OfType<ExecutableAnnotation>().Last();
}
