using System.Globalization;
using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>
/// Reads objects from bytes, those of a file or of a content stream:
/// <code>
/// 4 0 obj &lt;&lt; /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R >> endobj
/// </code>
/// </summary>
/// <param name="references">Whether <c>12 0 R</c> is a reference; content streams have none.</param>
internal sealed class PdfReader(ReadOnlyMemory<byte> data, int position = 0, bool references = true)
{
    private const int MaximumDepth = 100;

    /// <summary>Of one object: a tree of 100,000 pages has as many. Two bytes of a file can be an object in memory.</summary>
    private const int MaximumParts = 1 << 20;

    private long _mostParts;

    internal int Position { get; set; } = position;

    /// <summary>How many parts the arrays and dictionaries have that were read.</summary>
    internal long Parts { get; private set; }

    internal bool AtEnd => Position >= data.Length;

    private ReadOnlySpan<byte> Data => data.Span;

    /// <summary>The next object, or null at the end. A stray closing bracket is passed over.</summary>
    internal PdfObject? Read()
    {
        _mostParts = Parts + MaximumParts;
        return Read(0);
    }

    internal static bool IsWhite(byte b) => b is 0 or 9 or 10 or 12 or 13 or 32;

    internal static bool IsDelimiter(byte b) => b is (byte)'(' or (byte)')' or (byte)'<' or (byte)'>' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'/' or (byte)'%';

    internal void SkipWhite()
    {
        while (Position < Data.Length)
        {
            var b = Data[Position];
            if (b == '%')
            {
                while (Position < Data.Length && Data[Position] is not (10 or 13))
                {
                    Position++;
                }
            }
            else if (IsWhite(b))
            {
                Position++;
            }
            else
            {
                return;
            }
        }
    }

    private PdfObject? Read(int depth)
    {
        if (depth > MaximumDepth)
        {
            throw new PdfFormatException($"Objects are nested more than {MaximumDepth} deep at byte {Position}.");
        }

        if (depth > 0 && ++Parts > _mostParts)
        {
            throw new PdfFormatException($"An object has more than {MaximumParts} parts at byte {Position}.");
        }

        while (true)
        {
            SkipWhite();
            if (AtEnd)
            {
                return null;
            }

            switch (Data[Position])
            {
                case (byte)'/':
                    return ReadName();
                case (byte)'(':
                    return ReadLiteral();
                case (byte)'<' when Position + 1 < Data.Length && Data[Position + 1] == '<':
                    Position += 2;
                    return ReadDictionary(depth);
                case (byte)'<':
                    return ReadHex();
                case (byte)'[':
                    Position++;
                    return ReadArray(depth);
                case (byte)']' or (byte)'>' or (byte)')' or (byte)'{' or (byte)'}':
                    Position++;
                    break;
                case (byte)'+' or (byte)'-' or (byte)'.' or (>= (byte)'0' and <= (byte)'9'):
                    return ReadNumber();
                default:
                    return ReadWord();
            }
        }
    }

    private PdfObject ReadNumber()
    {
        var start = Position++;
        // "12-34" and "--5" are in real files: a sign within a number ends it.
        while (Position < Data.Length && Data[Position] is (byte)'.' or (byte)'-' or (>= (byte)'0' and <= (byte)'9'))
        {
            Position++;
        }

        var text = Data[start..Position];
        if (references && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && TryReadReference())
        {
            return new PdfObject.Reference(number);
        }

        var sign = text.LastIndexOf((byte)'-');
        if (sign > 0)
        {
            text = text[0] == '-' && sign == 1 ? text[1..] : text[..sign];
        }

        return new PdfObject.Number(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0);
    }

    /// <summary>Whether a generation and an R follow a number; when not, nothing is read.</summary>
    private bool TryReadReference()
    {
        var i = Position;
        var digits = 0;
        i = SkipSpaces(i);
        while (i < Data.Length && char.IsAsciiDigit((char)Data[i]) && digits < 6)
        {
            i++;
            digits++;
        }

        if (digits == 0 || i >= Data.Length || !IsWhite(Data[i]))
        {
            return false;
        }

        i = SkipSpaces(i);
        if (i >= Data.Length || Data[i] != 'R' || (i + 1 < Data.Length && !IsWhite(Data[i + 1]) && !IsDelimiter(Data[i + 1])))
        {
            return false;
        }

        Position = i + 1;
        return true;
    }

    private int SkipSpaces(int i)
    {
        while (i < Data.Length && IsWhite(Data[i]))
        {
            i++;
        }

        return i;
    }

    private PdfObject.Keyword ReadWord()
    {
        var start = Position++;
        while (Position < Data.Length && !IsWhite(Data[Position]) && !IsDelimiter(Data[Position]))
        {
            Position++;
        }

        return new PdfObject.Keyword(Encoding.Latin1.GetString(Data[start..Position]));
    }

    private PdfObject.Name ReadName()
    {
        var name = new StringBuilder();
        Position++;
        while (Position < Data.Length && !IsWhite(Data[Position]) && !IsDelimiter(Data[Position]))
        {
            var b = Data[Position++];
            if (b == '#' && Position + 1 < Data.Length && byte.TryParse(Data.Slice(Position, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var escaped))
            {
                b = escaped;
                Position += 2;
            }

            name.Append((char)b);
        }

        return new PdfObject.Name(name.ToString());
    }

    private PdfObject.Text ReadHex()
    {
        var bytes = new List<byte>();
        var high = -1;
        for (Position++; Position < Data.Length && Data[Position] != '>'; Position++)
        {
            var digit = Data[Position] is var b && char.IsAsciiHexDigit((char)b) ? Convert.ToInt32(((char)b).ToString(), 16) : -1;
            if (digit < 0)
            {
                continue;
            }

            if (high < 0)
            {
                high = digit;
            }
            else
            {
                bytes.Add((byte)((high << 4) | digit));
                high = -1;
            }
        }

        Position++;
        if (high >= 0)
        {
            bytes.Add((byte)(high << 4));
        }

        return new PdfObject.Text([.. bytes]);
    }

    private PdfObject.Text ReadLiteral()
    {
        var bytes = new List<byte>();
        var open = 1;
        Position++;
        while (Position < Data.Length)
        {
            var b = Data[Position++];
            switch (b)
            {
                case (byte)'(':
                    open++;
                    break;
                case (byte)')' when --open == 0:
                    return new PdfObject.Text([.. bytes]);
                case (byte)'\\':
                    if (ReadEscape() is { } escaped)
                    {
                        bytes.Add(escaped);
                    }

                    continue;
                case 13:
                    Position += Position < Data.Length && Data[Position] == 10 ? 1 : 0;
                    b = 10;
                    break;
            }

            bytes.Add(b);
        }

        return new PdfObject.Text([.. bytes]);
    }

    /// <summary>What a backslash stands for; null for a line that goes on.</summary>
    private byte? ReadEscape()
    {
        if (AtEnd)
        {
            return null;
        }

        var b = Data[Position++];
        switch (b)
        {
            case (byte)'n':
                return 10;
            case (byte)'r':
                return 13;
            case (byte)'t':
                return 9;
            case (byte)'b':
                return 8;
            case (byte)'f':
                return 12;
            case 13:
                Position += Position < Data.Length && Data[Position] == 10 ? 1 : 0;
                return null;
            case 10:
                return null;
            case >= (byte)'0' and <= (byte)'7':
                var value = b - '0';
                for (var i = 0; i < 2 && Position < Data.Length && Data[Position] is >= (byte)'0' and <= (byte)'7'; i++)
                {
                    value = (value << 3) | (Data[Position++] - '0');
                }

                return (byte)value;
            default:
                return b;
        }
    }

    private PdfObject.Array ReadArray(int depth)
    {
        var items = new List<PdfObject>();
        while (true)
        {
            SkipWhite();
            if (AtEnd)
            {
                return new PdfObject.Array(items);
            }

            if (Data[Position] == ']')
            {
                Position++;
                return new PdfObject.Array(items);
            }

            if (Read(depth + 1) is { } item)
            {
                // A file that lost the bracket must not take in all that follows.
                if (item is PdfObject.Keyword { Value: "endobj" or "obj" })
                {
                    return new PdfObject.Array(items);
                }

                items.Add(Value(item));
            }
        }
    }

    private PdfObject.Dictionary ReadDictionary(int depth)
    {
        var entries = new Dictionary<string, PdfObject>(StringComparer.Ordinal);
        while (true)
        {
            SkipWhite();
            if (AtEnd)
            {
                return new PdfObject.Dictionary(entries);
            }

            if (Data[Position] == '>')
            {
                Position = Math.Min(Data.Length, Position + 2);
                return new PdfObject.Dictionary(entries);
            }

            if (Read(depth + 1) is not PdfObject.Name key)
            {
                continue;
            }

            SkipWhite();
            if (AtEnd || Data[Position] == '>')
            {
                continue;
            }

            if (Read(depth + 1) is { } value)
            {
                entries[key.Value] = Value(value);
            }
        }
    }

    private static PdfObject Value(PdfObject item) => item switch
    {
        PdfObject.Keyword { Value: "true" } => new PdfObject.Boolean(true),
        PdfObject.Keyword { Value: "false" } => new PdfObject.Boolean(false),
        PdfObject.Keyword => new PdfObject.Null(),
        _ => item,
    };
}
