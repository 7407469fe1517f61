using System.Globalization;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>The table of one benchmark, and the bars in it that were missed.</summary>
internal sealed class LoadBars
{
    private readonly List<IReadOnlyList<string>> _rows = [["what", "measured", "bar", ""]];
    private readonly List<string> _missed = [];

    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    public IReadOnlyList<string> Missed => _missed;

    public void Tell(string what, double value, string unit = "") => _rows.Add([what, Text(value, unit), "", ""]);

    public void Tell(string what, string value) => _rows.Add([what, value, "", ""]);

    public void AtMost(string what, double value, double bar, string unit = "") => Hold(what, value, bar, unit, "<=", value <= bar);

    public void AtLeast(string what, double value, double bar, string unit = "") => Hold(what, value, bar, unit, ">=", value >= bar);

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private void Hold(string what, double value, double bar, string unit, string sign, bool isMet)
    {
        _rows.Add([what, Text(value, unit), $"{sign} {Text(bar, unit)}", isMet ? "met" : "missed"]);
        if (!isMet)
        {
            _missed.Add($"{what}: {Text(value, unit)}, the bar is {sign} {Text(bar, unit)}");
        }
    }

    private static string Text(double value, string unit) =>
        $"{value.ToString(Math.Abs(value) < 10 ? "0.##" : Math.Abs(value) < 100 ? "0.#" : "0", CultureInfo.InvariantCulture)} {unit}".TrimEnd();
}
