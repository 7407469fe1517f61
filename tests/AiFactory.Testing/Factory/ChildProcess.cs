using System.Globalization;
using System.Text;

namespace AiFactory.Testing.Factory;

/// <summary>A process as /proc shows it.</summary>
public sealed record ChildProcess(int Id, int ParentId, char State, string CommandLine)
{
    /// <summary>Every living process below the given one; a zombie is not living.</summary>
    public static IReadOnlyList<ChildProcess> DescendantsOf(int processId)
    {
        var all = All();
        var found = new List<ChildProcess>();
        var open = new Queue<int>([processId]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in all.Where(process => process.ParentId == parent))
            {
                found.Add(child);
                open.Enqueue(child.Id);
            }
        }

        return [.. found.Where(process => process.State != 'Z')];
    }

    /// <summary>The process of that id, which must be living.</summary>
    public static ChildProcess Of(int processId) => Read(processId) ?? throw new ArgumentException($"No process has the id {processId}.", nameof(processId));

    /// <summary>Whether it still runs as the same program.</summary>
    public bool IsAlive() => Read(Id) is { State: not 'Z' } now && now.CommandLine == CommandLine;

    /// <summary>The network that it runs in, as <c>net:[4026531840]</c>.</summary>
    public string? Network => new FileInfo($"/proc/{Id}/ns/net").LinkTarget;

    /// <summary>A variable of its environment; null when it has none of that name, or has gone.</summary>
    public string? Environment(string name)
    {
        var prefix = name + "=";
        try
        {
            return ReadText("environ").Split('\0').FirstOrDefault(entry => entry.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Resident memory in bytes: what is its own (private) and its share of what is not.</summary>
    public long ProportionalMemory()
    {
        var line = ReadText("smaps_rollup").Split('\n').First(row => row.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Whether it has a file in memory whose path holds the text.</summary>
    public bool HasMapped(string pathPart)
    {
        try
        {
            return ReadText("maps").Contains(pathPart, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it ended while we looked
        }
    }

    private static List<ChildProcess> All() =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<ChildProcess>()];

    private static ChildProcess? Read(int id)
    {
        try
        {
            // "42 (name, may hold spaces) S 1 ...": the state and the parent stand behind the last parenthesis.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var commandLine = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/cmdline")).Replace('\0', ' ').Trim();
            return new ChildProcess(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0][0], commandLine);
        }
        catch (IOException)
        {
            return null; // it ended while we looked
        }
    }

    private string ReadText(string file) => File.ReadAllText($"/proc/{Id}/{file}");
}
