using System.Text;

namespace AiFactory.Benchmarks;

/// <summary>One table of docs/benchmarks.md.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Method">How it was measured, in a sentence or two.</param>
/// <param name="Rows">The header first.</param>
internal sealed record BenchmarkSection(string Name, string Title, string Method, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>What follows the name on the command line.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>The bars that were not met, in a sentence each.</summary>
    public IReadOnlyList<string> Missed { get; init; } = [];

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("## ").AppendLine(Title).AppendLine();
        text.AppendLine(Method).AppendLine();
        text.Append(BenchmarkReport.Machine()).AppendLine($" Command: `dotnet run -c Release --project tests/AiFactory.Benchmarks -- {Name}{(Arguments.Length == 0 ? "" : $" {Arguments}")}`.").AppendLine();
        for (var row = 0; row < Rows.Count; row++)
        {
            text.Append("| ").AppendJoin(" | ", Rows[row]).AppendLine(" |");
            if (row == 0)
            {
                text.Append('|').AppendJoin("|", Rows[row].Select(_ => "---")).AppendLine("|");
            }
        }

        return text.ToString();
    }
}
