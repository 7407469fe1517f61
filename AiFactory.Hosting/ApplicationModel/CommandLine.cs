namespace Aspire.Hosting;

/// <summary>What an AppHost is asked to do: run (the default), or publish (<c>publish ...</c> or <c>--operation publish</c>).</summary>
internal static class CommandLine
{
    public static DistributedApplicationOperation Operation(string[] args)
    {
        if (args is ["publish", ..])
        {
            return DistributedApplicationOperation.Publish;
        }

        var at = Array.IndexOf(args, "--operation");
        return at >= 0 && at + 1 < args.Length && string.Equals(args[at + 1], "publish", StringComparison.OrdinalIgnoreCase)
            ? DistributedApplicationOperation.Publish
            : DistributedApplicationOperation.Run;
    }
}
