using System.Globalization;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What follows <c>gateway-soak</c> on the command line.</summary>
/// <param name="Minutes">How long the load lasts.</param>
/// <param name="Rate">Requests a second, of all kinds together.</param>
internal sealed record SoakOptions(int Minutes, int Rate)
{
    public const string Command = "gateway-soak";
    private const int UsualMinutes = 60;
    private const int MostMinutes = 24 * 60;
    private const int UsualRate = 200;
    private const int MostRate = 2000;

    public TimeSpan Time => TimeSpan.FromMinutes(Minutes);

    public string Arguments => string.Create(CultureInfo.InvariantCulture, $"--minutes {Minutes} --rate {Rate}");

    /// <returns>Null, and what is wrong, where they cannot be read.</returns>
    public static SoakOptions? Read(ReadOnlySpan<string> arguments, out string complaint)
    {
        var options = new SoakOptions(UsualMinutes, UsualRate);
        complaint = "";
        for (; arguments.Length > 0; arguments = arguments[2..])
        {
            var value = arguments.Length > 1 && int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            switch (arguments[0])
            {
                case "--minutes" when value is >= 1 and <= MostMinutes:
                    options = options with { Minutes = value };
                    break;
                case "--rate" when value is >= 1 and <= MostRate:
                    options = options with { Rate = value };
                    break;
                default:
                    complaint = $"{Command} takes --minutes (1 to {MostMinutes}) and --rate (1 to {MostRate} requests a second), each with a number, and not '{string.Join(' ', arguments.ToArray())}'.";
                    return null;
            }
        }

        return options;
    }
}
