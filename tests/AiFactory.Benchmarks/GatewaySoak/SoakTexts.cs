using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What the upstreams say: the number that was asked about and the request that asked stand in it, so that an answer which came to another is known by reading it.</summary>
internal static partial class SoakTexts
{
    public const string Mail = "ada@example.org";

    /// <summary>What stands for it in a guarded answer.</summary>
    public const string Mask = "[EMAIL]";

    /// <summary>Stands once in each chunk of a stream.</summary>
    public const char ChunkSign = '#';

    private const int MailEvery = 10;
    private const int MailAt = 5;

    /// <param name="body">Of a request, as the client or an upstream has it.</param>
    /// <returns>The number behind the question; 0 where it has none.</returns>
    public static long QuestionOf(string body) => Number().Match(body) is { Success: true } match ? long.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    /// <param name="key">Of a request; 0 for those of batches and jobs, whose ids are the gateway's.</param>
    public static string Whole(long question, long key) => $"{Beginning(question)}{key.ToString(CultureInfo.InvariantCulture)}. Ask {Mail} for more.";

    /// <summary>What all answers to a question have in common, whoever asked it.</summary>
    public static string Beginning(long question) => string.Create(CultureInfo.InvariantCulture, $"Berlin q{question}k");

    public static string Chunk(long question, long key, int chunk) => chunk % MailEvery == MailAt
        ? $" {ChunkSign} {Mail} "
        : string.Create(CultureInfo.InvariantCulture, $" {ChunkSign}{chunk}q{question}k{key}");

    /// <summary>All chunks of a stream behind one another.</summary>
    public static string Streamed(long question, long key)
    {
        var text = new StringBuilder();
        for (var chunk = 0; chunk < SoakTokens.Chunks(key); chunk++)
        {
            text.Append(Chunk(question, key, chunk));
        }

        return text.ToString();
    }

    [GeneratedRegex(@"(?:Denmark\?|Bern\??|sentence) ([0-9]+)")]
    private static partial Regex Number();
}
