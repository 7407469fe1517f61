using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Weights;

/// <summary>
/// The digests of files, and how they are known. A file that was hashed leaves a mark, <c>verified/{hex of its path}</c>:
/// <code>
/// sha256:9f86d0... 639631360 1795329321874213000 1795329322120977000 1311268
/// 5d41402abc4b2a76b9719d911017c592...
/// </code>
/// its digest, size, time of writing, time of change and inode, and an HMAC-SHA256 of these and the path. A file that is what its mark says is not read before it is used, but after, slowly
/// (<see cref="CheckAsync"/>): the mark vouches for what the file system does not lose or damage. Without a mark, with another one, or after any change, the file is hashed.
/// </summary>
/// <param name="secret">Who lacks it cannot write a mark that is believed; null believes none, and leaves none.</param>
internal sealed partial class VerifiedFiles(IOptions<WeightsOptions> options, string? secret, TimeProvider time, ILogger<VerifiedFiles> logger)
{
    private const int MostBytes = 512;

    private readonly byte[]? _key = secret is { Length: > 0 } ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "aifactory: marks of verified weights"u8) : null;
    private readonly ConcurrentDictionary<string, (FileStamp Stamp, string Digest)> _read = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _doubted = new(StringComparer.Ordinal);
    private long _hashed;

    /// <summary>Files that this process has hashed before it used them.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <param name="isOurs">Whether it lies in the cache, where the time of its last use says what makes room: it is set, and the mark renewed, for that is a change.</param>
    /// <param name="mustRead">Believe no mark: nobody would read the file later.</param>
    public async Task<VerifiedFile> ProveAsync(string path, bool isOurs, bool mustRead, CancellationToken cancellationToken)
    {
        var before = DiskNative.Stamp(path);
        var isRead = before is not null && _read.TryGetValue(path, out var read) && read.Stamp == before;
        var digest = isRead ? _read[path].Digest : mustRead || options.Value.VerifyAtStart ? null : ReadMark(path, before);
        var after = isOurs ? Use(path) : before;
        if (digest is not null && after is { } now && before is { } then && now.HasBytesOf(then))
        {
            Keep(path, now, digest, isRead);
            return new VerifiedFile(digest, isRead ? null : now);
        }

        digest = $"sha256:{await WeightsHash.OfAsync(path, cancellationToken)}";
        Interlocked.Increment(ref _hashed);
        if (after is { } hashed && DiskNative.Stamp(path) == hashed)
        {
            Keep(path, hashed, digest, isRead: true);
        }
        else
        {
            Forget(path);
        }

        return new VerifiedFile(digest, null);
    }

    /// <summary>A file of the cache that was hashed while it was written, and is on the disk.</summary>
    public void Note(string path, string digest)
    {
        if (Use(path) is { } stamp)
        {
            Keep(path, stamp, digest, isRead: true);
        }
    }

    /// <summary>Reads what is used because of its mark, slowly. A file that is not what it was, or not what its digest says, has no mark any more.</summary>
    /// <returns>Whether it is what it must be.</returns>
    public async Task<bool> CheckAsync(WeightsLease.File file, CancellationToken cancellationToken)
    {
        if (file.Unread is not { } leased || (_read.TryGetValue(file.Path, out var read) && read.Stamp == DiskNative.Stamp(file.Path)))
        {
            return true;
        }

        try
        {
            if (DiskNative.Stamp(file.Path) is { } before && before.HasBytesOf(leased)
                && $"sha256:{await WeightsHash.OfSlowlyAsync(file.Path, time, cancellationToken)}" == file.Digest
                && DiskNative.Stamp(file.Path) is { } after && after.HasBytesOf(leased))
            {
                _read[file.Path] = (after, file.Digest);
                LogSound(logger, file.Path, file.Digest);
                return true;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is not what it was.
        }

        Forget(file.Path);
        LogDamaged(logger, file.Path, file.Digest);
        return false;
    }

    /// <summary>
    /// Whether files that were held while nothing served them are what they were taken for: a lock keeps nobody from writing them, or from putting others in their place. What nobody touched is not read.
    /// </summary>
    /// <returns>False also for what a mark alone vouches for, and was read before: taken again it is read again.</returns>
    public async Task<bool> AreStillAsync(WeightsLease lease, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in lease.Files)
            {
                var now = await ProveAsync(file.Path, isOurs: false, mustRead: false, cancellationToken);
                if (now.Digest != file.Digest || (now.Unread is not null && file.Unread is null))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Its mark is not believed until another is written, also where it cannot be deleted.</summary>
    public void Forget(string path)
    {
        _read.TryRemove(path, out _);
        _doubted[path] = true;
        DeleteMark(options.Value, path);
    }

    public static void DeleteMark(WeightsOptions options, string path)
    {
        try
        {
            File.Delete(MarkPath(options, path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No mark was ever written here, and the folder is not there; or it cannot be deleted, and vouches for nothing but the very file that is gone.
        }
    }

    public static string MarkPath(WeightsOptions options, string path) =>
        Path.Combine(options.EffectiveDirectory, "verified", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path))));

    private FileStamp? Use(string path)
    {
        File.SetLastAccessTimeUtc(path, time.GetUtcNow().UtcDateTime);
        return DiskNative.Stamp(path);
    }

    private void Keep(string path, FileStamp stamp, string digest, bool isRead)
    {
        if (isRead)
        {
            _read[path] = (stamp, digest);
        }

        if (_key is null)
        {
            return;
        }

        try
        {
            var mark = MarkPath(options.Value, path);
            Directory.CreateDirectory(Path.GetDirectoryName(mark) ?? "");
            File.WriteAllText(mark, Mark(_key, path, stamp, digest));
            _doubted.TryRemove(path, out _);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNoMark(logger, path, error.Message);
        }
    }

    /// <returns>The digest that it vouches for; null when it does not for this state of the file.</returns>
    private string? ReadMark(string path, FileStamp? stamp)
    {
        try
        {
            var mark = new FileInfo(MarkPath(options.Value, path));
            if (_key is null || _doubted.ContainsKey(path) || stamp is not { } now || !mark.Exists || mark.Length > MostBytes)
            {
                return null;
            }

            var text = File.ReadAllText(mark.FullName);
            var digest = text.Split(' ')[0];
            return ModelUri.IsDigest(digest) && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(Mark(_key, path, now, digest))) ? digest : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Mark(byte[] key, string path, FileStamp stamp, string digest)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{digest} {stamp.Size} {stamp.Modified} {stamp.Changed} {stamp.Inode}");
        return $"{line}\n{Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{line}\n{path}")))}\n";
    }

    [LoggerMessage(3208, LogLevel.Information, "{Path} was used because of its mark, and has been read since: it has the digest {Digest}")]
    private static partial void LogSound(ILogger logger, string path, string digest);

    [LoggerMessage(3209, LogLevel.Error, "{Path} is used, and does not have the digest {Digest} any more: it was changed or damaged on the disk")]
    private static partial void LogDamaged(ILogger logger, string path, string digest);

    [LoggerMessage(3210, LogLevel.Warning, "{Path} is hashed again at the next start, for its mark cannot be written: {Reason}")]
    private static partial void LogNoMark(ILogger logger, string path, string reason);
}
