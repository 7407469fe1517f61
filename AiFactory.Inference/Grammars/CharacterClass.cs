namespace AiFactory.Inference.Grammars;

/// <summary>A set of Unicode characters, for example <c>[a-z0-9]</c> or <c>[^"\\]</c>.</summary>
internal sealed class CharacterClass
{
    private const int Last = 0x10FFFF;

    private readonly (int From, int To)[] _ranges;

    private CharacterClass((int From, int To)[] ranges) => _ranges = ranges;

    public static CharacterClass Any { get; } = new([(0, Last)]);

    /// <summary>In order, apart from each other.</summary>
    public IReadOnlyList<(int From, int To)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public static CharacterClass Of(int character) => new([(character, character)]);

    /// <param name="ranges">In any order; they may overlap.</param>
    public static CharacterClass Of(IEnumerable<(int From, int To)> ranges, bool isNegated)
    {
        var merged = new List<(int From, int To)>();
        foreach (var (from, to) in ranges.OrderBy(range => range.From))
        {
            if (merged.Count > 0 && from <= merged[^1].To + 1)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, to));
            }
            else
            {
                merged.Add((from, to));
            }
        }

        return new CharacterClass([.. isNegated ? Others(merged) : merged]);
    }

    public CharacterClass Without(CharacterClass other) => Of([.. Of(_ranges, isNegated: true)._ranges, .. other._ranges], isNegated: true);

    public bool Contains(int character) => Meets(character, character);

    /// <summary>Whether it has any character from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public bool Meets(int from, int to)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var range = _ranges[middle];
            if (to < range.From)
            {
                high = middle - 1;
            }
            else if (from > range.To)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<(int From, int To)> Others(List<(int From, int To)> ranges)
    {
        var next = 0;
        foreach (var (from, to) in ranges)
        {
            if (from > next)
            {
                yield return (next, from - 1);
            }

            next = to + 1;
        }

        if (next <= Last)
        {
            yield return (next, Last);
        }
    }
}
