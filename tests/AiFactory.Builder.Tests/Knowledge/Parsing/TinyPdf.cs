using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace AiFactory.Builder.Tests.Knowledge.Parsing;

/// <summary>Writes PDFs of one page, with a cross-reference table, for what a test wants to see read.</summary>
internal sealed class TinyPdf
{
    internal const string Helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

    private readonly List<byte[]> _objects = [];

    /// <summary>Objects 1 to 3 are the catalog, the pages and the page, 4 its contents, 5 its font F1; those that are added follow.</summary>
    internal TinyPdf(string contents, string font = Helvetica, string resources = "", string filter = "")
    {
        Add("<< /Type /Catalog /Pages 2 0 R >>");
        Add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
        Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {resources} >> >>");
        var bytes = Encoding.Latin1.GetBytes(contents);
        AddStream(filter == "Flate" ? Deflate(bytes) : bytes, filter.Length > 0 ? $"/Filter /{filter}Decode" : "");
        Add(font);
    }

    internal TinyPdf Add(string text)
    {
        _objects.Add(Encoding.Latin1.GetBytes(text));
        return this;
    }

    internal TinyPdf AddStream(byte[] bytes, string entries = "")
    {
        _objects.Add([.. Encoding.Latin1.GetBytes($"<< /Length {bytes.Length} {entries} >>\nstream\n"), .. bytes, .. "\nendstream"u8]);
        return this;
    }

    internal static byte[] Deflate(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var deflate = new ZLibStream(target, CompressionLevel.Optimal))
        {
            deflate.Write(bytes);
        }

        return target.ToArray();
    }

    internal byte[] ToBytes(string trailer = "")
    {
        using var file = new MemoryStream();
        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));

        Write("%PDF-1.7\n");
        var offsets = new List<long>();
        for (var i = 0; i < _objects.Count; i++)
        {
            offsets.Add(file.Position);
            Write($"{i + 1} 0 obj\n");
            file.Write(_objects[i]);
            Write("\nendobj\n");
        }

        var table = file.Position;
        Write($"xref\n0 {_objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            Write(offset.ToString("D10", CultureInfo.InvariantCulture) + " 00000 n \n");
        }

        Write($"trailer\n<< /Size {_objects.Count + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();
    }
}
