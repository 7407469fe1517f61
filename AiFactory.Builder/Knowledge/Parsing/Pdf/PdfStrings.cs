using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Text strings outside of pages (section 7.9.2.2).</summary>
internal static class PdfStrings
{
    internal static string Read(byte[] bytes) => bytes switch
    {
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(bytes.AsSpan(2)),
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(bytes.AsSpan(2)),
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8.GetString(bytes.AsSpan(3)),
        // PDFDocEncoding differs from Latin-1 in a few marks only.
        _ => Encoding.Latin1.GetString(bytes),
    };
}
