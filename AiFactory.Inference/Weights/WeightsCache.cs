using System.Buffers;
using System.Collections.Concurrent;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Weights;

/// <summary>
/// Weights on disk, named by their digest: <c>{directory}/sha256/{hex}.gguf</c>, and <c>{hex}.partial</c> on the way. A file under its final name was verified
/// and moved there whole; this process verifies it once more before its first use. Processes that share the folder agree by locks: <c>locks/{hex}</c>, held while
/// one fetches, verifies or deletes, and a shared lock on the file itself, held while a model uses it.
/// </summary>
internal sealed partial class WeightsCache(IObjectStore store, IOptions<WeightsOptions> options, TimeProvider time, ILogger<WeightsCache> logger)
{
    /// <summary>A download that was broken off less long ago will go on.</summary>
    private static readonly TimeSpan PartialLifetime = TimeSpan.FromDays(1);

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private readonly string _directory = Path.Combine(options.Value.EffectiveDirectory, "sha256");
    private readonly string _locks = Path.Combine(options.Value.EffectiveDirectory, "locks");
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _flights = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _verified = new(StringComparer.Ordinal);

    /// <summary>The file with this digest, fetched when it is not here. Callers for one digest share one download, other processes with the same folder among them.</summary>
    /// <param name="digest"><c>sha256:</c> and lower-case hex.</param>
    /// <param name="progress">Told 0 to 1 while fetching.</param>
    /// <exception cref="WeightsException">It cannot be had; the message says why.</exception>
    public async Task<WeightsLease> AcquireAsync(string digest, string objectKey, long size, Action<double> progress, CancellationToken cancellationToken)
    {
        var sha256 = ParseDigest(digest);
        Directory.CreateDirectory(_directory);
        Directory.CreateDirectory(_locks);
        var flight = _flights.GetOrAdd(sha256, _ => new SemaphoreSlim(1, 1));
        await flight.WaitAsync(cancellationToken);
        try
        {
            using var turn = await FileLock.TakeAsync(Path.Combine(_locks, sha256), time, cancellationToken);
            var path = Path.Combine(_directory, $"{sha256}.gguf");
            if (!await IsUsableAsync(path, sha256, size, cancellationToken))
            {
                MakeRoom(size, sha256);
                await FetchAsync(path, sha256, objectKey, size, progress, cancellationToken);
            }

            _verified[sha256] = true;
            File.SetLastAccessTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return new WeightsLease(path, FileLock.Share(path));
        }
        finally
        {
            flight.Release();
        }
    }

    private async Task<bool> IsUsableAsync(string path, string sha256, long size, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return false;
        }

        if (file.Length == size && (_verified.ContainsKey(sha256) || await WeightsFile.VerifyAsync(path, sha256, cancellationToken)))
        {
            return true;
        }

        LogCorrupt(logger, path);
        file.Delete();
        return false;
    }

    private async Task FetchAsync(string path, string sha256, string objectKey, long size, Action<double> progress, CancellationToken cancellationToken)
    {
        var partial = Path.Combine(_directory, $"{sha256}.partial");
        var resumed = File.Exists(partial) && new FileInfo(partial).Length > 0;
        var file = new WeightsFile(store, objectKey, size, sha256, partial);
        LogFetching(logger, objectKey, size, resumed);
        if (!await file.FetchAsync(progress, cancellationToken))
        {
            // What an earlier attempt left may have been the fault: once more from the start.
            File.Delete(partial);
            if (!resumed || !await file.FetchAsync(progress, cancellationToken))
            {
                File.Delete(partial);
                throw new WeightsException($"The object '{objectKey}' does not have the digest sha256:{sha256}: it was changed or damaged, and is not used.");
            }
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Deletes the least recently used files that nobody holds until the new one fits.</summary>
    private void MakeRoom(long size, string except)
    {
        var files = new DirectoryInfo(_directory).GetFiles()
            .Where(file => Path.GetFileNameWithoutExtension(file.Name) != except)
            .OrderBy(file => file.LastAccessTimeUtc)
            .ToList();
        var used = files.Sum(file => file.Length);
        foreach (var file in files)
        {
            if (used + size <= options.Value.SizeLimit)
            {
                break;
            }

            if (TryEvict(file))
            {
                LogEvicted(logger, file.FullName);
                used -= file.Length;
            }
        }

        if (used + size > options.Value.SizeLimit)
        {
            throw new WeightsException(
                $"The weights have {size} bytes; models in use take {used} of the {options.Value.SizeLimit} bytes that Cache:SizeLimit allows.");
        }
    }

    /// <returns>False when someone, of this process or another, fetches, verifies or uses it.</returns>
    private bool TryEvict(FileInfo file)
    {
        if (file.Extension == ".partial" && time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc < PartialLifetime)
        {
            return false;
        }

        using var turn = FileLock.TryTake(Path.Combine(_locks, Path.GetFileNameWithoutExtension(file.Name)));
        file.Refresh();
        if (turn is null || !file.Exists)
        {
            return false;
        }

        using var free = FileLock.TryTake(file.FullName, mustExist: true);
        if (free is null)
        {
            return false;
        }

        File.Delete(file.FullName);
        return true;
    }

    /// <summary>The digest becomes a file's name: nothing but 64 digits of hex may.</summary>
    private static string ParseDigest(string digest)
    {
        const string Prefix = "sha256:";
        return digest.StartsWith(Prefix, StringComparison.Ordinal) && digest.Length == Prefix.Length + 64 && digest.AsSpan(Prefix.Length).IndexOfAnyExcept(Hex) < 0
            ? digest[Prefix.Length..]
            : throw new WeightsException($"'{digest}' is no digest: sha256: and 64 digits of lower-case hex are expected.");
    }

    [LoggerMessage(3201, LogLevel.Information, "Fetching {ObjectKey} ({Size} bytes; continued: {Resumed})")]
    private static partial void LogFetching(ILogger logger, string objectKey, long size, bool resumed);

    [LoggerMessage(3202, LogLevel.Warning, "{Path} is damaged: fetching it again")]
    private static partial void LogCorrupt(ILogger logger, string path);

    [LoggerMessage(3203, LogLevel.Information, "Deleted {Path}, the least recently used, to make room")]
    private static partial void LogEvicted(ILogger logger, string path);
}
