namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Undoes the predictors of Flate and LZW (section 7.4.4.4): PNG's five, and TIFF's for whole bytes.</summary>
internal static class PdfPredictor
{
    internal static byte[] Undo(byte[] data, PdfObject.Dictionary settings, PdfFile file)
    {
        var predictor = Setting("Predictor", 1);
        if (predictor < 2)
        {
            return data;
        }

        var bits = Setting("BitsPerComponent", 8);
        var colors = Setting("Colors", 1);
        var columns = Setting("Columns", 1);
        if (bits is not (1 or 2 or 4 or 8 or 16) || colors is < 1 or > 64 || columns is < 1 or > 1 << 24)
        {
            throw new PdfFormatException("A stream's predictor has impossible settings.");
        }

        var pixel = Math.Max(1, colors * bits / 8);
        // What is said of a row may be longer than all there is.
        var row = (int)Math.Min((((long)colors * bits * columns) + 7) / 8, data.Length);
        if (predictor == 2)
        {
            return UndoTiff(data, row, pixel, bits);
        }

        file.Budget.Take(data.Length);
        return UndoPng(data, row, pixel);

        int Setting(string name, int absent) => (int)(file.Number(settings.Entries.GetValueOrDefault(name)) ?? absent);
    }

    private static byte[] UndoTiff(byte[] data, int row, int pixel, int bits)
    {
        for (var start = 0; bits == 8 && start < data.Length; start += row)
        {
            for (var i = start + pixel; i < Math.Min(data.Length, start + row); i++)
            {
                data[i] += data[i - pixel];
            }
        }

        return data;
    }

    /// <summary>Each row has a byte before it that names its filter.</summary>
    private static byte[] UndoPng(byte[] data, int row, int pixel)
    {
        // The last row may be cut off.
        var rows = (int)(((long)data.Length + row) / (row + 1L));
        var output = new byte[data.Length - rows];
        for (var r = 0; r < rows; r++)
        {
            var from = r * (row + 1);
            var count = Math.Min(row, data.Length - from - 1);
            var to = r * row;
            for (var i = 0; i < count; i++)
            {
                int left = i >= pixel ? output[to + i - pixel] : 0;
                int up = r > 0 ? output[to + i - row] : 0;
                int corner = r > 0 && i >= pixel ? output[to + i - row - pixel] : 0;
                var predicted = data[from] switch
                {
                    1 => left,
                    2 => up,
                    3 => (left + up) / 2,
                    4 => Paeth(left, up, corner),
                    _ => 0,
                };
                output[to + i] = (byte)(data[from + 1 + i] + predicted);
            }
        }

        return output;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (toLeft, toUp, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
