using System.Globalization;

namespace AiFactory.Inference.Schemas;

/// <summary>Numbers between bounds, as the digits that they are written with.</summary>
internal static class NumberGrammar
{
    /// <summary>Digits in front of the point. Numbers that long, and no longer, keep all their digits in the readers of most clients.</summary>
    private const int MostDigits = 16;

    private const long Beyond = 10_000_000_000_000_000;

    /// <summary>Few digits, so that a reader's rounding does not take a number to a bound that it must stay below.</summary>
    private const string Fraction = "(\".\" [0-9]{1,6})?";
    private const string AboveZero = "\".\" \"0\"{0,4} [1-9] [0-9]?";

    public static string AnyInteger { get; } = $"\"-\"? (\"0\" | [1-9] [0-9]{{0,{MostDigits - 1}}})";

    public static string AnyNumber { get; } = $"{AnyInteger} (\".\" [0-9]{{1,16}})? ([eE] [-+]? [0-9]{{1,2}})?";

    /// <returns>Alternatives; empty when no number meets them.</returns>
    /// <exception cref="SchemaException"/>
    public static string Write(SchemaShape shape)
    {
        var fractions = shape.Types.HasFlag(SchemaTypes.Fraction);
        var integers = shape.Types.HasFlag(SchemaTypes.Integer);
        var (least, openLeast) = Tighter(shape.Limit("minimum", isLeast: true), shape.Limit("exclusiveMinimum", isLeast: true), 1);
        var (most, openMost) = Tighter(shape.Limit("maximum", isLeast: false), shape.Limit("exclusiveMaximum", isLeast: false), -1);
        if (least is null && most is null)
        {
            return fractions && integers ? AnyNumber : fractions ? $"{AnyInteger} {AboveZero}" : AnyInteger;
        }

        if (fractions && (HasFraction(least) || HasFraction(most)))
        {
            throw new SchemaException(shape.Path, "a number between bounds that have fractions cannot be held to: use whole ones, or an integer");
        }

        if (!fractions)
        {
            (least, openLeast) = (least is { } low ? (openLeast ? Math.Floor(low) + 1 : Math.Ceiling(low)) : null, false);
            (most, openMost) = (most is { } high ? (openMost ? Math.Ceiling(high) - 1 : Math.Floor(high)) : null, false);
        }

        var from = Clamp(least, -Beyond, shape);
        var to = Clamp(most, Beyond, shape);
        var alternatives = new List<string>();
        if (from is null or < 0)
        {
            // The same, mirrored.
            var negative = fractions
                ? Reals(to is < 0 ? -to.Value : 0, to is <= 0 && openMost, -from, openLeast)
                : Integers(to is < 0 ? -to.Value : 1, -from);
            alternatives.AddRange(negative.Select(alternative => $"\"-\" ({alternative})"));
        }

        if (to is null or >= 0)
        {
            alternatives.AddRange(fractions ? Reals(from is > 0 ? from.Value : 0, from is >= 0 && openLeast, to, openMost) : Integers(from is > 0 ? from.Value : 0, to));
        }

        return string.Join(" | ", alternatives);
    }

    private static bool HasFraction(decimal? number) => number is { } value && value != decimal.Truncate(value);

    private static (decimal? Limit, bool IsOpen) Tighter(decimal? closed, decimal? open, int sign) =>
        open is not null && (closed is null || (open - closed) * sign >= 0) ? (open, true) : (closed, false);

    /// <summary>Beyond the digits that are written a bound says nothing; on the wrong side it leaves nothing.</summary>
    private static long? Clamp(decimal? limit, long beyond, SchemaShape shape) => limit is not { } value || value * Math.Sign(beyond) >= Beyond ? null
        : Math.Abs(value) >= Beyond ? throw new SchemaException(shape.Path, $"a number has at most {MostDigits} digits in front of its point")
        : (long)value;

    /// <summary>Numbers with or without a fraction, none of them negative.</summary>
    private static IEnumerable<string> Reals(long from, bool openFrom, long? to, bool openTo)
    {
        if (to is { } end && (end < from || (end == from && (openFrom || openTo))))
        {
            yield break;
        }

        if (to != from)
        {
            if (openFrom)
            {
                yield return $"\"{Text(from)}\" {AboveZero}";
            }

            if (string.Join(" | ", Integers(from + (openFrom ? 1 : 0), to - 1)) is { Length: > 0 } whole)
            {
                yield return $"({whole}) {Fraction}";
            }
        }

        if (to is { } last && !openTo)
        {
            yield return $"\"{Text(last)}\" (\".\" \"0\"{{1,4}})?";
        }
    }

    /// <param name="to">Null for no limit.</param>
    private static IEnumerable<string> Integers(long from, long? to)
    {
        if (to < from)
        {
            yield break;
        }

        for (var digits = Text(from).Length; digits <= (to is { } last ? Text(last).Length : MostDigits); digits++)
        {
            var (least, most) = (digits == 1 ? 0 : (long)Math.Pow(10, digits - 1), (long)Math.Pow(10, digits) - 1);
            if (from <= least && (to is null || to >= most) && digits > 1)
            {
                // All numbers of so many digits.
                yield return $"[1-9] [0-9]{{{digits - 1}}}";
                continue;
            }

            yield return Digits(Text(Math.Max(from, least)), Text(Math.Min(to ?? most, most)));
        }
    }

    /// <summary>Numbers of as many digits as both have.</summary>
    private static string Digits(string from, string to)
    {
        if (from == to)
        {
            return $"\"{from}\"";
        }

        var rest = from.Length - 1;
        if (from.AsSpan(1).TrimStart('0').IsEmpty && to.AsSpan(1).TrimStart('9').IsEmpty)
        {
            return rest == 0 ? $"[{from[0]}-{to[0]}]" : $"[{from[0]}-{to[0]}] [0-9]{{{rest}}}";
        }

        if (from[0] == to[0])
        {
            return $"\"{from[0]}\" ({Digits(from[1..], to[1..])})";
        }

        var between = to[0] - from[0] > 1 ? $" | [{(char)(from[0] + 1)}-{(char)(to[0] - 1)}] [0-9]{{{rest}}}" : "";
        return $"\"{from[0]}\" ({Digits(from[1..], new string('9', rest))}){between} | \"{to[0]}\" ({Digits(new string('0', rest), to[1..])})";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
