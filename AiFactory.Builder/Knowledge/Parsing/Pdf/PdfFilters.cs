using System.IO.Compression;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Undoes a stream's filters (section 7.4). Those for pictures have no text behind them: what is left then is empty.</summary>
internal static class PdfFilters
{
    private const int MaximumFilters = 8;

    internal static ReadOnlyMemory<byte> Decode(PdfObject.Stream stream, PdfFile file)
    {
        var entries = stream.Entries.Entries;
        var filters = List(file, entries.GetValueOrDefault("Filter") ?? entries.GetValueOrDefault("F"));
        var parameters = List(file, entries.GetValueOrDefault("DecodeParms") ?? entries.GetValueOrDefault("DP"));
        var data = stream.Raw;
        if (filters.Count > MaximumFilters)
        {
            throw new PdfFormatException($"A stream has {filters.Count} filters.");
        }

        for (var i = 0; i < filters.Count; i++)
        {
            var settings = file.Dictionary(i < parameters.Count ? parameters[i] : null);
            switch (file.Name(filters[i]))
            {
                case "FlateDecode" or "Fl":
                    data = PdfPredictor.Undo(Inflate(data, file.Budget), settings, file);
                    break;
                case "LZWDecode" or "LZW":
                    data = PdfPredictor.Undo(PdfLzw.Decode(data.Span, file.Number(settings.Entries.GetValueOrDefault("EarlyChange")) is not 0, file.Budget), settings, file);
                    break;
                case "ASCII85Decode" or "A85":
                    data = Ascii85(data.Span, file.Budget);
                    break;
                case "ASCIIHexDecode" or "AHx":
                    data = Hex(data, file.Budget);
                    break;
                case "RunLengthDecode" or "RL":
                    data = RunLength(data.Span, file.Budget);
                    break;
                case "Crypt":
                    break;
                default:
                    return default;
            }
        }

        return data;
    }

    private static IReadOnlyList<PdfObject> List(PdfFile file, PdfObject? value) => file.Resolve(value) switch
    {
        PdfObject.Array array => array.Items,
        PdfObject.Null => [],
        var one => [one],
    };

    /// <summary>What could be unpacked: a stream that breaks off keeps its beginning.</summary>
    private static byte[] Inflate(ReadOnlyMemory<byte> data, PdfBudget budget)
    {
        // Two bytes of zlib's header; the checksum at the end is not looked at, since many files have it wrong.
        using var source = new MemoryStream(data.Length > 2 ? data[2..].ToArray() : [], writable: false);
        using var inflate = new DeflateStream(source, CompressionMode.Decompress);
        using var target = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = inflate.Read(buffer)) > 0)
            {
                budget.Take(read);
                target.Write(buffer, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            // Kept as far as it went; a page without its end is better than no page.
        }

        return target.ToArray();
    }

    private static byte[] Ascii85(ReadOnlySpan<byte> data, PdfBudget budget)
    {
        var output = new List<byte>(data.Length * 4 / 5);
        Span<byte> group = stackalloc byte[4];
        uint value = 0;
        var count = 0;
        foreach (var b in data)
        {
            if (b == '~')
            {
                break;
            }

            if (b == 'z' && count == 0)
            {
                budget.Take(4);
                output.AddRange([0, 0, 0, 0]);
            }
            else if (b is >= (byte)'!' and <= (byte)'u')
            {
                value = unchecked((value * 85) + b - '!');
                if (++count == 5)
                {
                    budget.Take(4);
                    System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(group, value);
                    output.AddRange(group);
                    (value, count) = (0, 0);
                }
            }
        }

        if (count > 1)
        {
            for (var i = count; i < 5; i++)
            {
                value = unchecked((value * 85) + 84);
            }

            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(group, value);
            output.AddRange(group[..(count - 1)]);
        }

        return [.. output];
    }

    private static byte[] Hex(ReadOnlyMemory<byte> data, PdfBudget budget)
    {
        budget.Take(data.Length);
        var bytes = new byte[data.Length + 1];
        bytes[0] = (byte)'<';
        data.Span.CopyTo(bytes.AsSpan(1));
        return new PdfReader(bytes, references: false).Read() is PdfObject.Text text ? text.Bytes : [];
    }

    private static byte[] RunLength(ReadOnlySpan<byte> data, PdfBudget budget)
    {
        using var output = new MemoryStream();
        for (var i = 0; i < data.Length && data[i] != 128;)
        {
            var length = data[i++];
            if (length < 128)
            {
                var count = Math.Min(length + 1, data.Length - i);
                budget.Take(count);
                output.Write(data.Slice(i, count));
                i += count;
            }
            else if (i < data.Length)
            {
                var count = 257 - length;
                budget.Take(count);
                for (var copy = 0; copy < count; copy++)
                {
                    output.WriteByte(data[i]);
                }

                i++;
            }
        }

        return output.ToArray();
    }
}
