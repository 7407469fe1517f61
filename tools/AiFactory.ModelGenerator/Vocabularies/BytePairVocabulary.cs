namespace AiFactory.ModelGenerator.Vocabularies;

/// <summary>GPT-2's byte-level byte-pair vocabulary: 256 bytes, then what the merges make, then ChatML's control tokens.</summary>
public sealed class BytePairVocabulary
{
    private const int NormalToken = 1;
    private const int ControlToken = 3;

    private readonly bool[] _wholeText;

    private BytePairVocabulary(List<string> tokens, List<string> merges, bool[] wholeText, int controls)
    {
        Tokens = tokens;
        Merges = merges;
        _wholeText = wholeText;
        EndOfText = tokens.Count - controls;
        TokenTypes = tokens.Select((_, id) => id < EndOfText ? NormalToken : ControlToken).ToList();
    }

    public IReadOnlyList<string> Tokens { get; }

    public IReadOnlyList<int> TokenTypes { get; }

    public IReadOnlyList<string> Merges { get; }

    public int EndOfText { get; }

    public int EndOfTurn => EndOfText + 2;

    public bool IsControl(int token) => token >= EndOfText;

    /// <summary>Whether the token is readable text by itself: no part of a longer UTF-8 sequence, no control character.</summary>
    public bool IsWholeText(int token) => _wholeText[token];

    /// <summary>Whether the token begins with a space, which GPT-2's alphabet writes as U+0120.</summary>
    public bool BeginsWord(int token) => Tokens[token] is ['\u0120', _, _, ..];

    /// <summary>
    /// <paramref name="least"/>: tokens that it has at least, by made-up words that no merge leads to.
    /// 1. Start from one token for each byte. 2. Count the pairs of neighbours in the corpus. 3. Merge the most frequent pair, and so on.
    /// </summary>
    public static BytePairVocabulary Train(int mergeCount, int least = 0)
    {
        var alphabet = ByteAlphabet();
        var tokens = alphabet.Select(character => character.ToString()).ToList();
        var merges = new List<string>();
        var words = Corpus.CountWords(withLeadingSpace: true, lowerCase: false)
            .Select(word => (Parts: word.Key.Select(character => tokens[character]).ToList(), Count: word.Value))
            .ToList();

        while (merges.Count < mergeCount)
        {
            var best = words
                .SelectMany(word => word.Parts.Zip(word.Parts.Skip(1), (left, right) => (Pair: (left, right), word.Count)))
                .AggregateBy(entry => entry.Pair, 0, (sum, entry) => sum + entry.Count)
                .OrderByDescending(entry => entry.Value)
                .ThenBy(entry => entry.Key.left, StringComparer.Ordinal)
                .ThenBy(entry => entry.Key.right, StringComparer.Ordinal)
                .Select(entry => entry.Key)
                .FirstOrDefault();
            if (best == default)
            {
                break;
            }

            merges.Add($"{best.left} {best.right}");
            var merged = best.left + best.right;
            if (!tokens.Contains(merged))
            {
                tokens.Add(merged);
            }

            foreach (var (parts, _) in words)
            {
                Merge(parts, best.left, best.right);
            }
        }

        tokens.AddRange(MadeUpWords().Except(tokens).Take(Math.Max(0, least - tokens.Count - 3)));
        tokens.AddRange(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]);
        var wholeText = tokens.Select((_, id) => id >= 256 || id is >= 0x20 and < 0x7F or '\n').ToArray();
        return new BytePairVocabulary(tokens, merges, wholeText, controls: 3);
    }

    private static void Merge(List<string> parts, string left, string right)
    {
        for (var i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i] == left && parts[i + 1] == right)
            {
                parts[i] = left + right;
                parts.RemoveAt(i + 1);
            }
        }
    }

    /// <summary>Words of three syllables, each behind a space.</summary>
    private static IEnumerable<string> MadeUpWords()
    {
        var syllables = (from consonant in "bdfgklmnprstvz" from vowel in "aeiou" select $"{consonant}{vowel}").ToList();
        return from first in syllables from second in syllables from third in syllables select $"\u0120{first}{second}{third}";
    }

    /// <summary>GPT-2's character for each byte: the byte itself where it is printable, else the next character from U+0100 on (a space becomes U+0120).</summary>
    private static char[] ByteAlphabet()
    {
        var alphabet = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            alphabet[value] = (char)(printable ? value : next++);
        }

        return alphabet;
    }
}
