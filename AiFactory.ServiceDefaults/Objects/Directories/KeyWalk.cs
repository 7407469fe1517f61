using System.IO.Enumeration;

namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>
/// The keys below a root in the order of their UTF-8 bytes. Folders sort as their name and <c>/</c>, which makes the walk's order the keys' own; folders
/// that lie wholly before the start or outside the prefix are not opened. Links are not followed and not listed.
/// </summary>
internal sealed class KeyWalk(string root, string prefix, string? after, CancellationToken cancellationToken)
{
    private static readonly EnumerationOptions Plain = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
    };

    public IEnumerable<string> Keys()
    {
        // Nothing outside the prefix's folder can match: begin there.
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        return Below(folder);
    }

    private IEnumerable<string> Below(string folder)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in Entries(folder))
        {
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

    /// <summary>The wanted entries of one folder as keys, folders with a <c>/</c> at their end, sorted.</summary>
    private List<string> Entries(string folder)
    {
        var path = Path.Combine(root, folder);
        List<string> entries;
        try
        {
            entries = [.. new FileSystemEnumerable<string>(path, (ref FileSystemEntry entry) => KeyOf(folder, ref entry), Plain)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => IsWanted(folder, ref entry),
            }];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }

        entries.Sort(Utf8Order.Instance);
        return entries;
    }

    private static string KeyOf(string folder, ref FileSystemEntry entry) =>
        string.Concat(folder, entry.FileName, entry.IsDirectory ? "/" : "");

    private bool IsWanted(string folder, ref FileSystemEntry entry)
    {
        if (entry.FileName.StartsWith(ObjectKey.Reserved, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Compared in place: of 100,000 entries a page wants 1,000.
        Span<char> key = stackalloc char[folder.Length + entry.FileName.Length + 1];
        folder.CopyTo(key);
        entry.FileName.CopyTo(key[folder.Length..]);
        if (entry.IsDirectory)
        {
            key[^1] = '/';
        }
        else
        {
            key = key[..^1];
        }

        var matches = key.StartsWith(prefix, StringComparison.Ordinal)
            || (entry.IsDirectory && prefix.AsSpan().StartsWith(key, StringComparison.Ordinal));
        if (!matches || after is null)
        {
            return matches;
        }

        // A folder may hold keys after "after" when it sorts after it or is on its way.
        return Utf8Order.Compare(key, after) > 0 || (entry.IsDirectory && after.AsSpan().StartsWith(key, StringComparison.Ordinal));
    }
}
