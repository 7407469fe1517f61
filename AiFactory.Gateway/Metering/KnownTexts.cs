using System.Text;

namespace AiFactory.Gateway.Metering;

/// <summary>One string for each name that records repeat: of projects, models, replicas. For one reader.</summary>
internal sealed class KnownTexts
{
    private const int Most = 4096;
    private const int Longest = 128;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public KnownTexts() => _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> text = stackalloc char[Longest];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        if (_lookup.TryGetValue(text, out var known))
        {
            return known;
        }

        // Whoever sends ever new names begins it anew and makes it no larger.
        if (_texts.Count == Most)
        {
            _texts.Clear();
        }

        known = text.ToString();
        _texts.Add(known, known);
        return known;
    }
}
