using System.ComponentModel;
using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// The genuine Aspire dashboard. It is inside Aspire's command line, one file of npm, which unpacks itself:
/// <code>
/// {install path}/versions/13.5.4_{hashes}/managed/aspire-managed     the dashboard's program, among others
/// {install path}/versions/13.5.4_{hashes}/managed/wwwroot/           what it serves
/// {install path}/versions/13.5.4_{hashes}/dcp/                       the orchestrator: not needed here
/// </code>
/// Of that <c>managed</c> alone is kept, as <c>{cache}/aspire-dashboard/13.5.4/</c>.
/// </summary>
internal sealed partial class DashboardInstallation(PackageCache cache)
{
    private const string Managed = "aspire-managed";

    /// <summary>The path of the program; throws <see cref="PackageUnavailableException"/>.</summary>
    public async Task<string> EnsureAsync(ILogger logger, CancellationToken cancellationToken)
    {
        var package = NpmPackages.DashboardFor(Platform.Current);
        var folder = Path.Combine(cache.Root, "aspire-dashboard", package.Version);
        var program = Path.Combine(folder, FileName);
        if (File.Exists(program))
        {
            return program;
        }

        LogFirstUse(logger);
        using var turn = await FolderLock.TakeAsync($"{folder}.lock", () => LogWaiting(logger), cancellationToken);
        if (File.Exists(program))
        {
            return program;
        }

        var unpacked = await cache.EnsureAsync(package, logger, cancellationToken);
        await SetUpAsync(Path.Combine(unpacked, "bin"), folder, cancellationToken);
        return program;
    }

    private static string FileName => OperatingSystem.IsWindows() ? Managed + ".exe" : Managed;

    /// <summary>Unpacks beside, finds <c>managed</c> wherever it lies, and renames it into place.</summary>
    private static async Task SetUpAsync(string bin, string folder, CancellationToken cancellationToken)
    {
        var aspire = Path.Combine(bin, OperatingSystem.IsWindows() ? "aspire.exe" : "aspire");
        var work = $"{folder}.{Guid.CreateVersion7():n}";
        Directory.CreateDirectory(work);
        try
        {
            var environment = new Dictionary<string, string?> { ["ASPIRE_HOME"] = work, ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true" };
            var result = await Tool.RunAsync(aspire, ["setup", "--install-path", work, "--non-interactive"], environment, work, cancellationToken);
            var managed = Directory.EnumerateFiles(work, FileName, SearchOption.AllDirectories).Select(Path.GetDirectoryName).FirstOrDefault();
            if (!result.Succeeded || managed is null)
            {
                throw new PackageUnavailableException($"Aspire's command line did not unpack its dashboard: {result.LastWords}");
            }

            Directory.Move(managed, folder);
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            throw new PackageUnavailableException($"The Aspire dashboard could not be unpacked: {e.Message}", e);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    [LoggerMessage(5300, LogLevel.Information, "First use of the Aspire dashboard: it is fetched once (about 130 MB), while everything else starts.")]
    private static partial void LogFirstUse(ILogger logger);

    [LoggerMessage(5301, LogLevel.Information, "Another process is setting up the Aspire dashboard: waiting for it")]
    private static partial void LogWaiting(ILogger logger);
}
