using Microsoft.Win32.SafeHandles;

namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>
/// Objects as files. A put is written aside, synced and renamed over the key; a reader keeps the file that it opened. The ETag is the file's size and
/// time, and a writer, who holds the key's lock, never gives two versions the same time.
/// </summary>
internal sealed class DirectoryObjectStore(string root, TimeProvider time) : IObjectStore
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly ObjectPaths _paths = new(root);
    private readonly KeyLocks _locks = new(new ObjectPaths(root), time);

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Head(key, _paths.FileOf(key)));
    }

    public Task<ObjectContent?> OpenReadAsync(string key, ByteRange? range = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        range?.Validate();
        if (Open(_paths.FileOf(key)) is not { } handle)
        {
            return Task.FromResult<ObjectContent?>(null);
        }

        // Asked of the handle, so that it is true of the bytes that follow.
        var info = InfoOf(key, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        var offset = range?.Offset ?? 0;
        if (range is { } asked && offset >= info.Size)
        {
            handle.Dispose();
            throw ByteRange.BeyondEnd(key, asked);
        }

        var length = Math.Min(range?.Length ?? long.MaxValue, info.Size - offset);
        return Task.FromResult<ObjectContent?>(new ObjectContent(info, new FileRangeStream(handle, offset, length)));
    }

    public async Task<PutResult> PutAsync(string key, Stream content, PutCondition? condition = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        // 1. A condition that fails already saves the writing.
        var file = _paths.FileOf(key);
        if (!Holds(condition, key, file))
        {
            return new PutResult.ConditionFailed();
        }

        // 2. Write aside, hash on the way, sync.
        Directory.CreateDirectory(_paths.Temporary);
        var temporary = Path.Combine(_paths.Temporary, Guid.CreateVersion7().ToString("n"));
        try
        {
            var sha256 = await WriteAsync(temporary, content, cancellationToken);

            // 3. Under the key's lock: look again, give it a time later than the old one's, rename.
            using var held = await _locks.AcquireAsync(key, cancellationToken);
            if (!Holds(condition, key, file))
            {
                return new PutResult.ConditionFailed();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return new PutResult.Stored(Commit_NeedsLock(key, temporary, file), sha256);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        var file = _paths.FileOf(key);
        using var held = await _locks.AcquireAsync(key, cancellationToken);
        if (!File.Exists(file))
        {
            return;
        }

        File.Delete(file);
        var parent = Path.GetDirectoryName(file) ?? _paths.Root;
        FileSync.SyncDirectory(parent);
        RemoveEmpty(parent);
    }

    public Task<ObjectPage> ListAsync(string prefix = "", string? after = null, int pageSize = 1000, CancellationToken cancellationToken = default)
    {
        ObjectKey.ValidatePrefix(prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, 1000);
        return Task.Run(() => List(prefix, after, pageSize, cancellationToken), cancellationToken);
    }

    /// <summary>Removes what processes that died left of their puts, and says by an exception when the root cannot be written.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(_paths.Temporary);
        Directory.CreateDirectory(_paths.Locks);
        var before = time.GetUtcNow() - Abandoned;
        foreach (var file in new DirectoryInfo(_paths.Temporary).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc < before)
            {
                file.Delete();
            }
        }
    }

    private static async Task<string> WriteAsync(string file, Stream content, CancellationToken cancellationToken)
    {
        // The buffer is the copy's own: a second one would only cost.
        await using var target = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
        var sha256 = await HashingCopy.CopyAsync(content, target, cancellationToken);
        await Task.Run(() => target.Flush(flushToDisk: true), cancellationToken);
        return sha256;
    }

    private ObjectInfo Commit_NeedsLock(string key, string temporary, string file)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var old = new FileInfo(file);
        File.SetLastWriteTimeUtc(temporary, old.Exists && old.LastWriteTimeUtc >= now ? old.LastWriteTimeUtc.AddTicks(1) : now);
        while (true)
        {
            try
            {
                _paths.CreateParentOf(key, file);
                File.Move(temporary, file, overwrite: true);
                break;
            }
            catch (IOException error) when (error is DirectoryNotFoundException or FileNotFoundException && File.Exists(temporary))
            {
                // A delete has removed the directory, empty until now.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException && Directory.Exists(file))
            {
                throw ObjectPaths.Clash(key);
            }
        }

        _paths.SyncParentsOf(file);
        return Head(key, file) ?? throw new IOException($"The object '{key}' was removed by another program while it was stored.");
    }

    private static bool Holds(PutCondition? condition, string key, string file) => condition switch
    {
        null => true,
        PutCondition.Absent => Head(key, file) is null,
        PutCondition.Match match => Head(key, file)?.ETag == match.ETag,
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    private static ObjectInfo? Head(string key, string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? InfoOf(key, info.Length, info.LastWriteTimeUtc) : null;
    }

    private static ObjectInfo InfoOf(string key, long size, DateTime written) =>
        new(key, size, $"\"{written.Ticks:x}-{size:x}\"", new DateTimeOffset(written, TimeSpan.Zero));

    private static SafeFileHandle? Open(string file)
    {
        try
        {
            return File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && !File.Exists(file))
        {
            // A folder, or a way through an object as if it were a folder.
            return null;
        }
    }

    private ObjectPage List(string prefix, string? after, int pageSize, CancellationToken cancellationToken)
    {
        var objects = new List<ObjectInfo>(Math.Min(pageSize, 256));
        _paths.RefuseLinks(prefix);
        foreach (var key in new KeyWalk(_paths.Root, prefix, after, cancellationToken).Keys())
        {
            if (objects.Count == pageSize)
            {
                return new ObjectPage(objects, objects[^1].Key);
            }

            // One that was deleted since is left out.
            if (Head(key, Path.Combine(_paths.Root, key)) is { } info)
            {
                objects.Add(info);
            }
        }

        return new ObjectPage(objects, null);
    }

    private void RemoveEmpty(string directory)
    {
        while (directory.Length > _paths.Root.Length)
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                // Not empty, or gone.
                return;
            }

            directory = Path.GetDirectoryName(directory) ?? _paths.Root;
        }
    }
}
