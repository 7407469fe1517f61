using System.Text.Json;
using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Postgres;

/// <summary>The unpacked server: <c>native/bin</c> holds initdb, pg_ctl and postgres, and nothing else (no psql).</summary>
internal sealed class PostgresInstallation
{
    private PostgresInstallation(string folder)
    {
        var ending = OperatingSystem.IsWindows() ? ".exe" : "";
        Server = Path.Combine(folder, "native", "bin", "postgres" + ending);
        InitDb = Path.Combine(folder, "native", "bin", "initdb" + ending);
    }

    public string Server { get; }

    public string InitDb { get; }

    public static async Task<PostgresInstallation> EnsureAsync(PackageCache cache, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = await cache.EnsureAsync(NpmPackages.PostgresFor(Platform.Current), logger, cancellationToken);
        await LinkLibrariesAsync(folder, cancellationToken);
        return new PostgresInstallation(folder);
    }

    /// <summary>
    /// Archives of npm cannot hold symbolic links, so the package lists them for an install script, which is not run here:
    /// <code>[{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so.5"}, ...]</code>
    /// where target is the link to make.
    /// </summary>
    private static async Task LinkLibrariesAsync(string folder, CancellationToken cancellationToken)
    {
        var list = Path.Combine(folder, "native", "pg-symlinks.json");
        if (OperatingSystem.IsWindows() || !File.Exists(list))
        {
            return;
        }

        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(list, cancellationToken));
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var library = entry.GetProperty("source").GetString() ?? "";
            var link = Path.Combine(folder, entry.GetProperty("target").GetString() ?? "");
            try
            {
                if (!File.Exists(link))
                {
                    File.CreateSymbolicLink(link, Path.GetFileName(library));
                }
            }
            catch (IOException) when (File.Exists(link))
            {
                // Another process made it in between: it is the same link.
            }
        }
    }
}
