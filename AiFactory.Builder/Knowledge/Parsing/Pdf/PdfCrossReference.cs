using System.Globalization;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Where each object is: at an offset, or within an object stream.</summary>
internal sealed class PdfCrossReference(PdfBudget budget)
{
    private const int MaximumObjects = 8_000_000;

    internal Dictionary<int, Entry> Entries { get; } = [];

    internal PdfObject.Dictionary Trailer { get; private set; } = PdfObject.Dictionary.Empty;

    internal readonly record struct Entry(int Offset, int? Container);

    /// <summary>
    /// Reads the table that <c>startxref</c> at the file's end names, and those before it, newest first, so that what is known already stays. Each is either
    /// <code>
    /// xref
    /// 0 2
    /// 0000000000 65535 f
    /// 0000000017 00000 n
    /// trailer &lt;&lt; /Size 2 /Root 1 0 R /Prev 1234 >>
    /// </code>
    /// or a stream (section 7.5.8). Null when it is not to be read.
    /// </summary>
    internal static PdfCrossReference? Read(ReadOnlyMemory<byte> data, PdfFile file)
    {
        var tail = Math.Max(0, data.Length - 2048);
        var mark = data.Span[tail..].LastIndexOf("startxref"u8);
        if (mark < 0 || new PdfReader(data, tail + mark + "startxref".Length).Read() is not PdfObject.Number start)
        {
            return null;
        }

        var table = new PdfCrossReference(file.Budget);
        var pending = new Queue<int>([(int)start.Value]);
        var seen = new HashSet<int>();
        while (pending.TryDequeue(out var offset))
        {
            if (!seen.Add(offset))
            {
                continue;
            }

            if (table.ReadSection(data, offset, file) is not { } trailer)
            {
                return null;
            }

            table.Trailer = table.Trailer.Entries.Count == 0 ? trailer : table.Trailer;
            foreach (var key in (string[])["XRefStm", "Prev"])
            {
                if (trailer.Entries.GetValueOrDefault(key) is PdfObject.Number next)
                {
                    pending.Enqueue((int)next.Value);
                }
            }
        }

        return table.Trailer.Entries.ContainsKey("Root") ? table : null;
    }

    /// <summary>Goes through the whole file for <c>n g obj</c>; the last one of a number counts.</summary>
    internal static PdfCrossReference Rebuild(ReadOnlyMemory<byte> data, PdfFile file)
    {
        var table = new PdfCrossReference(file.Budget);
        var span = data.Span;
        var at = 0;
        while (span[at..].IndexOf(" obj"u8) is >= 0 and var found)
        {
            file.Budget.CancellationToken.ThrowIfCancellationRequested();
            var end = at + found;
            at = end + 4;
            if (TryReadBackwards(span, end, out var number, out var offset))
            {
                table.Entries.Remove(number);
                table.Add(number, new Entry(offset, null));
            }
        }

        table.FindTrailer(data, file, table.AddContents(file));
        return table;
    }

    private PdfObject.Dictionary? ReadSection(ReadOnlyMemory<byte> data, int offset, PdfFile file)
    {
        if (offset < 0 || offset >= data.Length)
        {
            return null;
        }

        var reader = new PdfReader(data, offset);
        if (reader.Read() is PdfObject.Keyword { Value: "xref" })
        {
            return ReadTable(reader);
        }

        return file.ReadIndirect(offset, null) is PdfObject.Stream stream ? ReadStream(stream, file) : null;
    }

    private PdfObject.Dictionary? ReadTable(PdfReader reader)
    {
        while (true)
        {
            switch (reader.Read())
            {
                case PdfObject.Keyword { Value: "trailer" }:
                    return reader.Read() as PdfObject.Dictionary;
                case PdfObject.Number first when reader.Read() is PdfObject.Number { Value: >= 0 and <= MaximumObjects } count:
                    for (var i = 0; i < (int)count.Value; i++)
                    {
                        if (reader.Read() is not PdfObject.Number offset || reader.Read() is not PdfObject.Number || reader.Read() is not PdfObject.Keyword kind)
                        {
                            return null;
                        }

                        if (kind.Value == "n")
                        {
                            Add((int)first.Value + i, new Entry((int)offset.Value, null));
                        }
                    }

                    break;
                default:
                    return null;
            }
        }
    }

    private PdfObject.Dictionary? ReadStream(PdfObject.Stream stream, PdfFile file)
    {
        var entries = stream.Entries.Entries;
        var widths = file.Array(entries.GetValueOrDefault("W")).Select(width => (int)(file.Number(width) ?? 0)).ToArray();
        if (widths.Length < 3 || widths.Any(width => width is < 0 or > 8))
        {
            return null;
        }

        var index = file.Array(entries.GetValueOrDefault("Index")).Select(item => (int)(file.Number(item) ?? 0)).ToArray();
        if (index.Length < 2)
        {
            index = [0, (int)(file.Number(entries.GetValueOrDefault("Size")) ?? 0)];
        }

        var rows = file.Decode(stream).Span;
        var row = widths.Sum();
        var at = 0;
        for (var part = 0; part + 1 < index.Length; part += 2)
        {
            for (var i = 0; i < index[part + 1] && row > 0 && at + row <= rows.Length; i++, at += row)
            {
                Add(index[part] + i, rows.Slice(at, row), widths);
            }
        }

        return stream.Entries;
    }

    private void Add(int number, ReadOnlySpan<byte> row, int[] widths)
    {
        // Without a field for the type all entries are of type 1, in use.
        var type = widths[0] == 0 ? 1 : Field(row[..widths[0]]);
        var second = Field(row.Slice(widths[0], widths[1]));
        if (type == 1)
        {
            Add(number, new Entry((int)Math.Min(second, int.MaxValue), null));
        }
        else if (type == 2)
        {
            Add(number, new Entry(0, (int)Math.Min(second, int.MaxValue)));
        }
    }

    /// <summary>What is known already stays: the newest table is read first.</summary>
    private void Add(int number, Entry entry)
    {
        if (Entries.TryAdd(number, entry))
        {
            budget.TakeEntries(1);
        }
    }

    private static long Field(ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
        }

        return value & long.MaxValue;
    }

    /// <summary>The two numbers before " obj".</summary>
    private static bool TryReadBackwards(ReadOnlySpan<byte> span, int end, out int number, out int offset)
    {
        (number, offset) = (0, 0);
        var i = end;
        while (i > 0 && char.IsAsciiDigit((char)span[i - 1]))
        {
            i--;
        }

        var generation = i;
        while (i > 0 && PdfReader.IsWhite(span[i - 1]))
        {
            i--;
        }

        var stop = i;
        while (i > 0 && char.IsAsciiDigit((char)span[i - 1]))
        {
            i--;
        }

        offset = i;
        return generation < end && stop < generation && i < stop
            && int.TryParse(span[i..stop], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= MaximumObjects;
    }

    /// <summary>Adds what lies within streams, and answers those.</summary>
    private Dictionary<int, PdfObjectStream> AddContents(PdfFile file)
    {
        var containers = new Dictionary<int, PdfObjectStream>();
        foreach (var (number, entry) in Entries.ToList())
        {
            if (file.ReadIndirect(entry.Offset, number) is PdfObject.Stream stream && file.Name(stream.Entries.Entries.GetValueOrDefault("Type")) == "ObjStm")
            {
                containers[number] = new PdfObjectStream(file, stream);
                foreach (var contained in containers[number].Numbers)
                {
                    Add(contained, new Entry(0, number));
                }
            }
        }

        return containers;
    }

    private void FindTrailer(ReadOnlyMemory<byte> data, PdfFile file, Dictionary<int, PdfObjectStream> containers)
    {
        var span = data.Span;
        var end = span.Length;
        while (span[..end].LastIndexOf("trailer"u8) is >= 0 and var at)
        {
            var reader = new PdfReader(data, at);
            reader.Read();
            var value = reader.Read();
            budget.Take(reader.Position - at);
            if (value is PdfObject.Dictionary trailer && trailer.Entries.ContainsKey("Root"))
            {
                Trailer = trailer;
                return;
            }

            end = at;
        }

        foreach (var (number, entry) in Entries.OrderByDescending(entry => entry.Key))
        {
            var last = entry.Container is { } container ? containers.GetValueOrDefault(container)?.Find(number) : file.ReadIndirect(entry.Offset, number);
            if (last is PdfObject.Stream { Entries: var crossReference } && crossReference.Entries.ContainsKey("Root"))
            {
                Trailer = crossReference;
                return;
            }

            if (last is PdfObject.Dictionary catalog && file.Name(catalog.Entries.GetValueOrDefault("Type")) == "Catalog")
            {
                Trailer = new PdfObject.Dictionary(new Dictionary<string, PdfObject> { ["Root"] = catalog });
                return;
            }
        }

        throw new PdfFormatException("It has no catalog, from which all pages are found.");
    }
}
