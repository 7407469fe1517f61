using System.Text;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>A regular expression as a tree, as far as must be known of it: how long its matches are, and how they begin.</summary>
internal abstract record PatternNode
{
    /// <summary>In UTF-16 units.</summary>
    public abstract int Shortest { get; }

    /// <summary>Null where there is none.</summary>
    public abstract int? Longest { get; }

    /// <summary>Characters that it unfolds to, its repetitions written out: what one character of a text can cost grows with it.</summary>
    public abstract int Size { get; }

    /// <summary>Whether it asks where the text itself begins or ends.</summary>
    public virtual bool AsksForEnds => false;

    /// <summary>
    /// Writes an expression for all that a match can begin with, down to nothing and up to the whole. Conditions without width are left out: what follows may yet meet them, so that
    /// more begins are found than there are and never fewer.
    /// </summary>
    public abstract void WriteBeginnings(StringBuilder to);

    /// <summary>Writes it whole, without conditions.</summary>
    public abstract void Write(StringBuilder to);

    /// <summary>One character: itself, an escape, a class.</summary>
    internal sealed record Character(string Text) : PatternNode
    {
        public override int Shortest => 1;

        public override int? Longest => 1;

        public override int Size => 1;

        public override void WriteBeginnings(StringBuilder to) => to.Append(Text).Append('?');

        public override void Write(StringBuilder to) => to.Append(Text);
    }

    /// <summary>A condition that takes no character.</summary>
    /// <param name="OfText">Whether it is about the text's beginning or end.</param>
    internal sealed record Condition(bool OfText) : PatternNode
    {
        public override int Shortest => 0;

        public override int? Longest => 0;

        public override int Size => 0;

        public override bool AsksForEnds => OfText;

        public override void WriteBeginnings(StringBuilder to)
        {
        }

        public override void Write(StringBuilder to)
        {
        }
    }

    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override int Shortest => Parts.Sum(part => part.Shortest);

        public override int? Longest => Parts.Aggregate((int?)0, (sum, part) => Add(sum, part.Longest));

        public override int Size => Parts.Aggregate(0, (sum, part) => Add(sum, part.Size) ?? int.MaxValue);

        public override bool AsksForEnds => Parts.Any(part => part.AsksForEnds);

        /// <summary>
        /// The first one's beginnings, or the first one and the beginnings of the rest, which may be nothing. Of one character that may be missing the two are one; and of one that is repeated
        /// very often they are taken for one, for an expression without a choice is half as large: fewer than are asked for, with the rest behind, are no beginning, and are held for one.
        /// </summary>
        public override void WriteBeginnings(StringBuilder to)
        {
            foreach (var part in Parts.SkipLast(1))
            {
                to.Append("(?:");
                switch (part)
                {
                    case Character:
                        part.Write(to);
                        break;
                    case Repeat { Inner: Character, Least: 0 } or Repeat { Inner: Character, Most: > 200 }:
                        part.WriteBeginnings(to);
                        break;
                    default:
                        part.WriteBeginnings(to);
                        part.Write(to.Append('|'));
                        break;
                }
            }

            if (Parts.Count > 0)
            {
                Parts[^1].WriteBeginnings(to);
            }

            foreach (var part in Parts.SkipLast(1).Reverse())
            {
                to.Append(part is Character ? ")?" : ")");
            }
        }

        public override void Write(StringBuilder to)
        {
            foreach (var part in Parts)
            {
                part.Write(to);
            }
        }
    }

    internal sealed record Choice(IReadOnlyList<PatternNode> Ways) : PatternNode
    {
        public override int Shortest => Ways.Min(way => way.Shortest);

        public override int? Longest => Ways.Any(way => way.Longest is null) ? null : Ways.Max(way => way.Longest);

        public override int Size => Ways.Aggregate(0, (sum, way) => Add(sum, way.Size) ?? int.MaxValue);

        public override bool AsksForEnds => Ways.Any(way => way.AsksForEnds);

        public override void WriteBeginnings(StringBuilder to) => Join(to, static (way, text) => way.WriteBeginnings(text));

        public override void Write(StringBuilder to) => Join(to, static (way, text) => way.Write(text));

        private void Join(StringBuilder to, Action<PatternNode, StringBuilder> write)
        {
            to.Append("(?:");
            for (var i = 0; i < Ways.Count; i++)
            {
                to.Append(i == 0 ? "" : "|");
                write(Ways[i], to);
            }

            to.Append(')');
        }
    }

    /// <param name="Options">With their signs, as <c>i-s</c>; empty where they stay as they are.</param>
    internal sealed record Group(string Options, PatternNode Inner) : PatternNode
    {
        public override int Shortest => Inner.Shortest;

        public override int? Longest => Inner.Longest;

        public override int Size => Inner.Size;

        public override bool AsksForEnds => Inner.AsksForEnds;

        public override void WriteBeginnings(StringBuilder to)
        {
            to.Append("(?").Append(Options).Append(':');
            Inner.WriteBeginnings(to);
            to.Append(')');
        }

        public override void Write(StringBuilder to)
        {
            to.Append("(?").Append(Options).Append(':');
            Inner.Write(to);
            to.Append(')');
        }
    }

    /// <param name="Most">Null where there is no most.</param>
    internal sealed record Repeat(PatternNode Inner, int Least, int? Most) : PatternNode
    {
        public override int Shortest => Multiply(Inner.Shortest, Least) ?? int.MaxValue;

        public override int Size => Multiply(Inner.Size, Most ?? (Least + 1)) ?? int.MaxValue;

        public override int? Longest => Inner.Longest == 0 ? 0 : Most is { } most ? Multiply(Inner.Longest, most) : null;

        public override bool AsksForEnds => Inner.AsksForEnds;

        /// <summary>Some of them, and the beginnings of one more.</summary>
        public override void WriteBeginnings(StringBuilder to)
        {
            if (Most == 0)
            {
                return;
            }

            Inner.Write(to.Append("(?:"));
            to.Append(Most is { } most ? $"){{0,{(Inner is Character ? most : most - 1)}}}" : ")*");
            if (Inner is not Character)
            {
                Inner.WriteBeginnings(to.Append("(?:"));
                to.Append(')');
            }
        }

        public override void Write(StringBuilder to)
        {
            Inner.Write(to.Append("(?:"));
            to.Append(Most is { } most ? $"){{{Least},{most}}}" : $"){{{Least},}}");
        }
    }

    /// <summary>Null for what is beyond counting, as for what has no end.</summary>
    private static int? Add(int? one, int? other) => one + (long?)other is { } sum and <= int.MaxValue ? (int)sum : null;

    private static int? Multiply(int? one, int other) => (long?)one * other is { } product and <= int.MaxValue ? (int)product : null;
}
