namespace AiFactory.ModelGenerator.Vocabularies;

/// <summary>
/// BERT's vocabulary as GGUF stores it: the start of a word carries U+2581, a continuation carries nothing (<c>##ing</c> is stored as <c>ing</c>).
/// Every letter of Latin, Greek and Cyrillic is a token of both kinds, so that a word of theirs is never unknown.
/// </summary>
internal sealed class WordPieceVocabulary
{
    public const uint Padding = 0;
    public const uint Unknown = 1;
    public const uint Classification = 2;
    public const uint Separator = 3;
    public const uint Mask = 4;

    private const char WordStart = '\u2581';
    private const int Controls = 5;

    private WordPieceVocabulary(List<string> tokens)
    {
        Tokens = tokens;
        TokenTypes = tokens.Select((_, id) => id == Unknown ? 2 : id < Controls ? 3 : 1).ToList();
        Scores = tokens.Select(_ => 0f).ToList();
    }

    public IReadOnlyList<string> Tokens { get; }

    public IReadOnlyList<int> TokenTypes { get; }

    public IReadOnlyList<float> Scores { get; }

    public static WordPieceVocabulary Build()
    {
        var words = Corpus.CountWords(withLeadingSpace: false, lowerCase: true).Select(word => word.Key).ToList();
        var endings = new[] { "s", "ed", "ing", "er", "est", "ly", "ion", "ions", "ment", "ness", "able", "al", "ive", "ity", "ance", "ence", "ful", "less", "en", "es" };
        var characters = Enumerable.Range('!', '~' - '!' + 1)
            .Concat(Enumerable.Range(0xDF, 0x180 - 0xDF))
            .Concat(Enumerable.Range(0x3B1, 25))
            .Concat(Enumerable.Range(0x430, 48))
            .Select(code => (char)code)
            .Where(character => !char.IsUpper(character))
            .Select(character => character.ToString())
            .ToList();

        var tokens = new List<string> { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
        tokens.AddRange(characters.Concat(words).Distinct().Select(text => WordStart + text));
        tokens.AddRange(characters.Concat(endings).Distinct());
        return new WordPieceVocabulary(tokens);
    }
}
