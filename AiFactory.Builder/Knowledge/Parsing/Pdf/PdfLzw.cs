namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>LZW as TIFF has it: codes of 9 to 12 bits, 256 clears the table, 257 ends.</summary>
internal static class PdfLzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int Most = 4096;

    /// <param name="early">The code's width grows one code early, as it does unless the stream says otherwise.</param>
    internal static byte[] Decode(ReadOnlySpan<byte> data, bool early, PdfBudget budget)
    {
        using var output = new MemoryStream();
        var table = new byte[Most][];
        for (var i = 0; i < 256; i++)
        {
            table[i] = [(byte)i];
        }

        var (next, width, bits, buffer) = (258, 9, 0, 0);
        byte[]? previous = null;
        foreach (var b in data)
        {
            buffer = ((buffer << 8) | b) & 0xFFFFFF;
            bits += 8;
            if (bits < width)
            {
                continue;
            }

            bits -= width;
            var code = (buffer >> bits) & ((1 << width) - 1);
            if (code == End)
            {
                break;
            }

            if (code == Clear)
            {
                (next, width, previous) = (258, 9, null);
                continue;
            }

            byte[] entry;
            if (code < next && table[code] is { } known)
            {
                entry = known;
            }
            else if (previous is not null)
            {
                entry = [.. previous, previous[0]];
            }
            else
            {
                break;
            }

            budget.Take(entry.Length);
            output.Write(entry);
            if (previous is not null && next < Most)
            {
                table[next++] = [.. previous, entry[0]];
            }

            previous = entry;
            var reach = next + (early ? 1 : 0);
            width = reach >= 2048 ? 12 : reach >= 1024 ? 11 : reach >= 512 ? 10 : 9;
        }

        return output.ToArray();
    }
}
