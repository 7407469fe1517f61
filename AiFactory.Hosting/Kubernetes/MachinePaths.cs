using Aspire.Hosting;

namespace AiFactory.Hosting.Kubernetes;

/// <summary>Refuses what holds only on the machine that publishes: its folders are in no container.</summary>
internal sealed class MachinePaths
{
    private readonly string _root;

    public MachinePaths(string appHostDirectory)
    {
        var folder = new DirectoryInfo(appHostDirectory);
        while (folder.Parent is not null && !Path.Exists(Path.Combine(folder.FullName, ".git")))
        {
            folder = folder.Parent;
        }

        _root = folder.Parent is null ? appHostDirectory : folder.FullName;
    }

    public void Check(string resource, string variable, string value)
    {
        if (value.Contains(_root, StringComparison.Ordinal))
        {
            throw new DistributedApplicationException(
                $"'{variable}' of '{resource}' is '{value}', a path of this machine. Give it a path of the container when ExecutionContext.IsPublishMode.");
        }
    }
}
