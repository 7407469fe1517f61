using System.Globalization;
using System.Text.RegularExpressions;
using AiFactory.Testing;

namespace AiFactory.Benchmarks;

/// <summary>Writes a section into docs/benchmarks.md in place of the one of its name.</summary>
internal static class BenchmarkReport
{
    private static readonly string Path = System.IO.Path.Combine(RepositoryFolder.Root, "docs", "benchmarks.md");

    public static void Write(BenchmarkSection section)
    {
        var text = File.Exists(Path) ? File.ReadAllText(Path) : "# Benchmarks\n";
        var (begin, end) = ($"<!-- {section.Name} -->", $"<!-- /{section.Name} -->");
        var block = $"{begin}\n{section.ToMarkdown().TrimEnd()}\n{end}";
        var former = new Regex($"{Regex.Escape(begin)}.*?{Regex.Escape(end)}", RegexOptions.Singleline);
        text = former.IsMatch(text) ? former.Replace(text, _ => block) : $"{text.TrimEnd()}\n\n{block}\n";
        File.WriteAllText(Path, text);
    }

    /// <summary>The machine and the day, as they stand above each table.</summary>
    public static string Machine()
    {
        var day = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30);
        return string.Create(CultureInfo.InvariantCulture, $"Machine: {Environment.ProcessorCount} cores ({processor}), {memory} GiB, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, .NET {Environment.Version}. Date: {day}.");
    }
}
