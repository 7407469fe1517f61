using System.IO.Enumeration;

namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>
/// The keys below a root in the order of their UTF-8 bytes. Folders sort as their name and <c>/</c>, which makes the walk's order the keys' own; folders
/// that lie wholly before the start or outside the prefix are not opened. Links are not followed and not listed.
/// </summary>
internal sealed class KeyWalk(string root, string prefix, string? after, CancellationToken cancellationToken)
{
    /// <summary>Of a folder of 100,000 files a page wants the first thousand: no more than these are kept and sorted at once.</summary>
    private const int BatchSize = 1024;

    /// <summary>Skipping links here would ask the system for each file's state; the few that are chosen are asked later.</summary>
    private static readonly EnumerationOptions Plain = new() { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    public IEnumerable<string> Keys() =>
        // Nothing outside the prefix's folder can match: begin there.
        Below(prefix[..(prefix.LastIndexOf('/') + 1)]);

    private IEnumerable<string> Below(string folder)
    {
        List<string> batch;
        string? last = null;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch = NextBatch(folder, last);
            foreach (var entry in batch)
            {
                last = entry;
                if (IsLink(entry))
                {
                    continue;
                }

                if (!entry.EndsWith('/'))
                {
                    yield return entry;
                    continue;
                }

                foreach (var key in Below(entry))
                {
                    yield return key;
                }
            }
        }
        while (batch.Count == BatchSize);
    }

    /// <summary>The folder's first wanted entries after <paramref name="last"/> as keys, folders with a <c>/</c> at their end, sorted.</summary>
    private List<string> NextBatch(string folder, string? last)
    {
        var batch = new List<string>();
        string? cut = null;
        try
        {
            var entries = new FileSystemEnumerable<string>(Path.Combine(root, folder), (ref FileSystemEntry entry) => KeyOf(folder, ref entry), Plain)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => IsWanted(folder, last, cut, ref entry),
            };
            foreach (var entry in entries)
            {
                batch.Add(entry);
                if (batch.Count == 2 * BatchSize)
                {
                    cut = Trim(batch);
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }

        Trim(batch);
        return batch;
    }

    /// <summary>Keeps the first of the batch, sorted; what sorts after the last of them is not wanted any more.</summary>
    private static string? Trim(List<string> batch)
    {
        batch.Sort(Utf8Order.Instance);
        if (batch.Count > BatchSize)
        {
            batch.RemoveRange(BatchSize, batch.Count - BatchSize);
        }

        return batch.Count == BatchSize ? batch[^1] : null;
    }

    private bool IsLink(string entry) => new FileInfo(Path.Combine(root, entry.TrimEnd('/'))).LinkTarget is not null;

    private static string KeyOf(string folder, ref FileSystemEntry entry) =>
        string.Concat(folder, entry.FileName, entry.IsDirectory ? "/" : "");

    private bool IsWanted(string folder, string? last, string? cut, ref FileSystemEntry entry)
    {
        if (entry.FileName.StartsWith(ObjectKey.Reserved, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Compared in place: most entries of a large folder are not wanted, and so make no string.
        var isFolder = entry.IsDirectory;
        Span<char> buffer = stackalloc char[folder.Length + entry.FileName.Length + 1];
        folder.CopyTo(buffer);
        entry.FileName.CopyTo(buffer[folder.Length..]);
        buffer[^1] = '/';
        ReadOnlySpan<char> key = isFolder ? buffer : buffer[..^1];
        return Matches(key, isFolder)
            && (last is null || Utf8Order.Compare(key, last) > 0)
            && (cut is null || Utf8Order.Compare(key, cut) < 0);
    }

    /// <summary>A folder matches when it may hold keys that do: it is on the way to the prefix or to the start.</summary>
    private bool Matches(ReadOnlySpan<char> key, bool isFolder)
    {
        var hasPrefix = key.StartsWith(prefix, StringComparison.Ordinal) || (isFolder && prefix.AsSpan().StartsWith(key, StringComparison.Ordinal));
        return hasPrefix
            && (after is null || Utf8Order.Compare(key, after) > 0 || (isFolder && after.AsSpan().StartsWith(key, StringComparison.Ordinal)));
    }
}
