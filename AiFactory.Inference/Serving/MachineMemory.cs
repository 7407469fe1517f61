using System.Globalization;

namespace AiFactory.Inference.Serving;

/// <summary>The memory that this process may use: the machine's, or what its cgroup, or one above it, allows if that is less.</summary>
internal static class MachineMemory
{
    public static long TotalBytes
    {
        get
        {
            // Outside Linux there are no cgroups, and the collector's number is the machine's.
            var least = ReadMachine() ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            foreach (var file in LimitFiles())
            {
                // "max" or a number of bytes, a line.
                if (ReadFirstLine(file) is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out var limit))
                {
                    least = Math.Min(least, limit);
                }
            }

            return least;
        }
    }

    /// <summary>
    /// <c>/proc/self/cgroup</c> has lines such as <c>0::/a/b</c> (version 2) and <c>4:memory:/a/b</c> (version 1). In a container with a namespace of its own the path is <c>/</c>,
    /// and without one the folder is not there: so each folder up to the root is asked, and those that are absent say nothing.
    /// </summary>
    private static IEnumerable<string> LimitFiles()
    {
        foreach (var line in File.Exists("/proc/self/cgroup") ? File.ReadLines("/proc/self/cgroup") : [])
        {
            var (root, name) = line switch
            {
                ['0', ':', ':', ..] => ("/sys/fs/cgroup", "memory.max"),
                _ when line.Contains(":memory:", StringComparison.Ordinal) => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                _ => ("", ""),
            };
            for (var path = root.Length == 0 ? null : line[(line.IndexOf(":/", StringComparison.Ordinal) + 1)..]; path is not null; path = Path.GetDirectoryName(path))
            {
                yield return Path.Join(root, path, name);
            }
        }
    }

    /// <summary><c>MemTotal:       24684092 kB</c>, the first line.</summary>
    private static long? ReadMachine() =>
        ReadFirstLine("/proc/meminfo") is { } line && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["MemTotal:", var kibibytes, "kB"]
            ? long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024
            : null;

    private static string? ReadFirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
