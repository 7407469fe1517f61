using Aspire.Hosting;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;

namespace AiFactory.Hosting.Pipelines;

internal sealed class PipelineOutput(IConfiguration configuration) : IPipelineOutputService
{
    private const string Option = "output-path";

    public string GetOutputDirectory() => configuration[Option] is { Length: > 0 } path
        ? Path.GetFullPath(path, CallersDirectory())
        : throw new DistributedApplicationException($"Publishing needs a folder to write to: publish --{Option} DIR.");

    // `dotnet run` starts an AppHost in its project's folder; a relative path means the folder that the command was typed in, which the shell left here.
    private static string CallersDirectory()
        => Environment.GetEnvironmentVariable("PWD") is { Length: > 0 } typedIn && Path.IsPathFullyQualified(typedIn) && Directory.Exists(typedIn)
            ? typedIn
            : Directory.GetCurrentDirectory();
}
