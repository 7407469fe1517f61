namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>A regular expression as a tree.</summary>
internal abstract record PatternNode
{
    /// <summary>Of a match, in UTF-16 units.</summary>
    public abstract int Shortest { get; }

    /// <summary>Of a match; null where there is none.</summary>
    public abstract int? Longest { get; }

    /// <summary>What it unfolds to, its repetitions written out, at least 1, for what takes no character is written out too: what one character of a text can cost grows with it.</summary>
    public abstract int Size { get; }

    /// <summary>The classes of characters in it, one character alone being none.</summary>
    public virtual IEnumerable<Character> Classes => [];

    /// <summary>Whether it asks where the text itself begins or ends.</summary>
    public virtual bool AsksForEnds => false;

    /// <summary>One character: itself, an escape, a class.</summary>
    /// <param name="Text">As the expression has it.</param>
    /// <param name="Options">That hold for it: <c>i</c>, <c>s</c>.</param>
    internal sealed record Character(string Text, string Options) : PatternNode
    {
        public override int Shortest => 1;

        public override int? Longest => 1;

        public override int Size => 1;

        public override IEnumerable<Character> Classes => Text is [_] and not "." or ['\\', not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9'))] ? [] : [this];
    }

    /// <summary>It takes no character.</summary>
    internal sealed record Condition(PatternCondition Kind) : PatternNode
    {
        public override int Shortest => 0;

        public override int? Longest => 0;

        public override int Size => 1;

        public override bool AsksForEnds => Kind is not (PatternCondition.WordEdge or PatternCondition.NoWordEdge);
    }

    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override int Shortest => Parts.Aggregate(0, (sum, part) => Add(sum, part.Shortest) ?? int.MaxValue);

        public override int? Longest => Parts.Aggregate((int?)0, (sum, part) => Add(sum, part.Longest));

        public override int Size => Math.Max(1, Parts.Aggregate(0, (sum, part) => Add(sum, part.Size) ?? int.MaxValue));

        public override IEnumerable<Character> Classes => Parts.SelectMany(part => part.Classes);

        public override bool AsksForEnds => Parts.Any(part => part.AsksForEnds);
    }

    internal sealed record Choice(IReadOnlyList<PatternNode> Ways) : PatternNode
    {
        public override int Shortest => Ways.Min(way => way.Shortest);

        public override int? Longest => Ways.Any(way => way.Longest is null) ? null : Ways.Max(way => way.Longest);

        public override int Size => Ways.Aggregate(0, (sum, way) => Add(sum, way.Size) ?? int.MaxValue);

        public override IEnumerable<Character> Classes => Ways.SelectMany(way => way.Classes);

        public override bool AsksForEnds => Ways.Any(way => way.AsksForEnds);
    }

    /// <param name="Most">Null where there is no most.</param>
    internal sealed record Repeat(PatternNode Inner, int Least, int? Most) : PatternNode
    {
        public override int Shortest => Multiply(Inner.Shortest, Least) ?? int.MaxValue;

        public override int? Longest => Inner.Longest == 0 ? 0 : Most is { } most ? Multiply(Inner.Longest, most) : null;

        public override int Size => Multiply(Inner.Size, Math.Max(Most ?? 1, Math.Max(Least, 1))) ?? int.MaxValue;

        public override IEnumerable<Character> Classes => Inner.Classes;

        public override bool AsksForEnds => Inner.AsksForEnds;
    }

    /// <summary>Null for what is beyond counting, as for what has no end.</summary>
    private static int? Add(int? one, int? other) => one + (long?)other is { } sum and <= int.MaxValue ? (int)sum : null;

    private static int? Multiply(int? one, int other) => (long?)one * other is { } product and <= int.MaxValue ? (int)product : null;
}
