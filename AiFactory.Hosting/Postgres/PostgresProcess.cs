using System.Globalization;
using System.Runtime.InteropServices;

namespace AiFactory.Hosting.Postgres;

/// <summary>
/// A process of Postgres as the proc file system shows it (Linux only; elsewhere none is ever found, and Postgres' own check of
/// its pid file decides). Server and backends all have the data directory as their current one.
/// </summary>
internal sealed partial record PostgresProcess(int Id, string DataDirectory)
{
    // Numbers of the signals on Linux, and how Postgres takes them: https://www.postgresql.org/docs/17/server-shutdown.html
    public const int FastShutdown = 2;
    public const int ImmediateShutdown = 3;
    public const int KillSignal = 9;

    public bool IsAlive => Find(Id, DataDirectory) is not null;

    /// <summary>Its parent is gone, so no running factory owns it.</summary>
    public bool IsOrphan => Stat(Id) is not { } stat || stat.Parent == 1 || Name(stat.Parent) is null or "systemd";

    public static IReadOnlyList<PostgresProcess> AllOf(string data) =>
        !OperatingSystem.IsLinux()
            ? []
            : [.. from folder in Directory.EnumerateDirectories("/proc")
                  let id = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
                  where id > 0
                  let process = Find(id, data)
                  where process is not null
                  select process];

    /// <summary>The process of that number, when it is alive, no zombie, Postgres, and of that data directory.</summary>
    public static PostgresProcess? Find(int id, string data)
    {
        if (!OperatingSystem.IsLinux() || Name(id) != "postgres" || Stat(id) is not { State: not ('Z' or 'X') })
        {
            return null;
        }

        try
        {
            return new FileInfo($"/proc/{id}/cwd").LinkTarget == data ? new PostgresProcess(id, data) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>False when the process is gone already, which is what a signal is meant to bring about.</summary>
    public static bool Signal(int id, int signal) => Kill(id, signal) == 0;

    private static string? Name(int id) => Read($"/proc/{id}/comm")?.Trim();

    // 4711 (postgres) S 4700 ...: number, name in brackets (which may hold anything), state, parent.
    private static (char State, int Parent)? Stat(int id)
    {
        if (Read($"/proc/{id}/stat") is not { } text)
        {
            return null;
        }

        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
