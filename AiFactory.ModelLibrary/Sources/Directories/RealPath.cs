namespace AiFactory.ModelLibrary.Sources.Directories;

/// <summary>Where a path leads when every link on it is followed.</summary>
internal static class RealPath
{
    private const int MaximumLinks = 40;

    /// <summary>The real path; null when something on it does not exist or links go round in a circle.</summary>
    internal static string? Of(string path)
    {
        var links = 0;
        var pending = new Stack<string>(Segments(Path.GetFullPath(path)).Reverse());
        var real = Path.GetPathRoot(Path.GetFullPath(path)) ?? "/";
        while (pending.TryPop(out var segment))
        {
            var next = Path.Combine(real, segment);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            if (info.LinkTarget is not { } target)
            {
                if (!info.Exists)
                {
                    return null;
                }

                real = next;
                continue;
            }

            if (++links > MaximumLinks)
            {
                return null;
            }

            var full = Path.GetFullPath(target, real);
            real = Path.GetPathRoot(full) ?? "/";
            foreach (var part in Segments(full).Reverse())
            {
                pending.Push(part);
            }
        }

        return real;
    }

    /// <summary>Whether a path is the folder or lies in it. Both must be real.</summary>
    internal static bool IsWithin(string folder, string path) =>
        string.Equals(path, folder, StringComparison.Ordinal)
        || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || folder == Path.GetPathRoot(path);

    private static string[] Segments(string full) =>
        full[(Path.GetPathRoot(full)?.Length ?? 0)..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
