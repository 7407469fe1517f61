namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What the gateway wrote of itself: a line for each request, and errors, which no upstream's failure may be.</summary>
internal static class SoakLog
{
    private const int Shown = 10;

    public static int Errors(string file)
    {
        var count = 0;
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal))
            {
                if (count++ < Shown)
                {
                    Console.WriteLine($"# logged: {line}");
                }
            }
        }

        return count;
    }
}
