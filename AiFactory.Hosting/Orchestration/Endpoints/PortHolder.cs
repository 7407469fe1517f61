using System.Globalization;
using System.Reflection;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>
/// Who listens on a port (Linux): the socket's inode from /proc/net/tcp, then the process that has it open. A line there is
/// <code>  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 123456 1 ...</code>
/// with the local address and port in hexadecimal, the state (0A is LISTEN) and, tenth, the inode.
/// </summary>
internal static class PortHolder
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>A phrase for a sentence: <c>process 4711 (nginx)</c>.</summary>
    public static string Describe(int port)
    {
        if (Find(port) is not { } holder)
        {
            return "another process";
        }

        var program = Assembly.GetEntryAssembly()?.GetName().Name;
        var isAppHost = program is not null && holder.CommandLine.Split(' ')
            .Any(part => string.Equals(Path.GetFileName(part), program, StringComparison.Ordinal)
                || string.Equals(Path.GetFileName(part), $"{program}.dll", StringComparison.Ordinal));
        return isAppHost
            ? string.Create(CultureInfo.InvariantCulture, $"another {program} (process {holder.ProcessId})")
            : string.Create(CultureInfo.InvariantCulture, $"process {holder.ProcessId} ({Shorten(holder.CommandLine)})");
    }

    internal static (int ProcessId, string CommandLine)? Find(int port)
    {
        var inodes = Tables.Where(File.Exists).SelectMany(file => Inodes(file, port)).ToHashSet();
        if (inodes.Count == 0)
        {
            return null;
        }

        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) && HasSocket(directory, inodes))
            {
                return (id, CommandLine(directory));
            }
        }

        return null;
    }

    private static IEnumerable<string> Inodes(string file, int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return File.ReadLines(file).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(suffix, StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[9]}]");
    }

    private static bool HasSocket(string processDirectory, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(processDirectory, "fd"))
                .Any(link => new FileInfo(link).LinkTarget is { } target && inodes.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that ended.
            return false;
        }
    }

    private static string CommandLine(string processDirectory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(processDirectory, "cmdline")).Replace('\0', ' ').Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..120] + " ...";
}
