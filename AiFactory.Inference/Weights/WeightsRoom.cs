using AiFactory.Inference.Native;

namespace AiFactory.Inference.Weights;

/// <summary>The folder's room: what may lie there at once, and what goes when something new comes.</summary>
internal sealed partial class WeightsRoom(WeightsOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>A download that was broken off less long ago will go on.</summary>
    private static readonly TimeSpan PartialLifetime = TimeSpan.FromDays(1);

    private readonly string _directory = Path.Combine(options.EffectiveDirectory, "sha256");
    private readonly string _locks = Path.Combine(options.EffectiveDirectory, "locks");

    /// <summary>
    /// Deletes the least recently used files that nobody holds until the new one fits, and makes the new one at its full length, so that who comes next counts it. One process at a time.
    /// </summary>
    /// <param name="name">Of the new file; what an earlier attempt left of it counts for it.</param>
    /// <exception cref="WeightsException">It does not fit.</exception>
    public async Task TakeAsync(long size, string name, CancellationToken cancellationToken)
    {
        using var turn = await FileLock.TakeAsync(Path.Combine(_locks, "room"), time, cancellationToken);
        var files = new DirectoryInfo(_directory).GetFiles()
            .Where(file => Path.GetFileNameWithoutExtension(file.Name) != name)
            .OrderBy(file => file.LastAccessTimeUtc)
            .ToList();
        var used = files.Sum(Counted);
        foreach (var file in files)
        {
            if (used + size <= options.SizeLimit)
            {
                break;
            }

            if (TryEvict(file))
            {
                LogEvicted(logger, file.FullName);
                used -= Counted(file);
            }
        }

        if (used + size > options.SizeLimit)
        {
            throw new WeightsException(
                $"The weights have {size} bytes; models in use take {used} of the {options.SizeLimit} bytes that Cache:SizeLimit allows.");
        }

        var partial = Path.Combine(_directory, $"{name}.partial");
        var here = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        // A partial file has its length and not yet its blocks: what others lack of theirs is free only until they come. What this one lacks is asked for at each attempt, also after the disk was full.
        var owed = files.Where(file => file.Extension == ".partial" && File.Exists(file.FullName)).Sum(file => Math.Max(0, file.Length - DiskNative.AllocatedBytes(file.FullName) - Packed(file.FullName)));
        var free = new DriveInfo(_directory).AvailableFreeSpace - owed;
        if (free < size - (here > 0 ? DiskNative.AllocatedBytes(partial) : 0))
        {
            throw new WeightsException($"The weights have {size} bytes; the disk of {_directory} has room for {Math.Max(0, free)}. Give it more, or set Cache:Directory to another.");
        }

        if (here == 0)
        {
            // What says which ranges are there says nothing when they are not.
            File.Delete(Path.Combine(_directory, $"{name}.ranges"));
        }

        using var whole = File.OpenHandle(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (here < size)
        {
            RandomAccess.SetLength(whole, size);
        }
    }

    /// <summary>Where what is packed grows, in the room that the partial file beside it keeps.</summary>
    public static string Packing(string partial) => Path.ChangeExtension(partial, ".packing");

    private static long Counted(FileInfo file) => file.Extension == ".packing" ? 0 : file.Length;

    private static long Packed(string partial) => File.Exists(Packing(partial)) ? DiskNative.AllocatedBytes(Packing(partial)) : 0;

    /// <returns>False when someone, of this process or another, fetches, verifies or uses it.</returns>
    private bool TryEvict(FileInfo file)
    {
        if (file.Extension != ".gguf" && time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc < PartialLifetime)
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
        VerifiedFiles.DeleteMark(options, file.FullName);
        return true;
    }

    [LoggerMessage(3203, LogLevel.Information, "Deleted {Path}, the least recently used, to make room")]
    private static partial void LogEvicted(ILogger logger, string path);
}
