using System.Globalization;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The table of one comparison, and the bars in it that were missed.</summary>
internal sealed class SideBars
{
    private readonly List<IReadOnlyList<string>> _rows = [["what", "worker", "llama-server", "ratio", "bar", ""]];
    private readonly List<string> _missed = [];

    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    public IReadOnlyList<string> Missed => _missed;

    /// <param name="least">Of the ratio; so is <paramref name="most"/>. Without either it is only told.</param>
    public void Compare(string what, double ours, double theirs, double? least = null, double? most = null)
    {
        var ratio = ours / theirs;
        var bar = least is not null ? $">= {Number(least.Value)}" : most is not null ? $"<= {Number(most.Value)}" : "";
        Add(what, Number(ours), Number(theirs), ratio.ToString("0.00", CultureInfo.InvariantCulture), bar, !(ratio < least) && !(ratio > most));
    }

    public void Add(string what, string ours, string theirs, string ratio, string bar, bool isMet)
    {
        _rows.Add([what, ours, theirs, ratio, bar, bar.Length == 0 ? "" : isMet ? "met" : "missed"]);
        if (!isMet)
        {
            _missed.Add($"{what}: {ours} beside {theirs} ({ratio}), the bar is {bar}");
        }
    }

    public void Explain(IEnumerable<string> lines) => _missed.AddRange(lines);

    public static string Number(double value) => value.ToString(value < 10 ? "0.##" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
