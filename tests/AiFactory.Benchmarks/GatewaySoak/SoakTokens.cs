using System.Globalization;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The number of a request, which its id carries through the gateway, and the tokens that the upstream answers to it with: whoever knows the one knows the other.</summary>
internal static class SoakTokens
{
    private const int FewestChunks = 20;
    private const int Spread = 60;

    /// <summary>A connection that brings several requests numbers them behind its own id: <c>s17-2</c>.</summary>
    public const int MostOfConnection = 8;

    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"s{number}");

    public static long KeyOf(long number, int part = 0) => (number * MostOfConnection) + part;

    /// <returns>Null where the soak's client did not make it.</returns>
    public static long? KeyOf(ReadOnlySpan<char> id)
    {
        if (!id.StartsWith('s'))
        {
            return null;
        }

        var dash = id.IndexOf('-');
        var part = 0;
        return long.TryParse(dash < 0 ? id[1..] : id[1..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (dash < 0 || int.TryParse(id[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out part))
            ? KeyOf(number, part)
            : null;
    }

    public static int Prompt(long key) => 3 + (int)(key / MostOfConnection % 7);

    public static int Answer(long key) => 1 + (int)(key / MostOfConnection % Spread);

    /// <summary>One in each chunk, so that streams last from one to four seconds.</summary>
    public static int Chunks(long key) => FewestChunks + (int)(key / MostOfConnection % Spread);
}
