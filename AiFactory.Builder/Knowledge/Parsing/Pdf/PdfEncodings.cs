using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>The encodings that every reader knows by name (annex D), as one character for each byte; U+0000 where there is none.</summary>
internal static class PdfEncodings
{
    internal static string WinAnsi { get; } = CodePage(1252);

    internal static string MacRoman { get; } = CodePage(10000);

    internal static string Standard { get; } = MakeStandard();

    internal static string Find(string? name) => name switch
    {
        "WinAnsiEncoding" => WinAnsi,
        "MacRomanEncoding" => MacRoman,
        _ => Standard,
    };

    private static string CodePage(int page)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.Latin1;
        var bytes = Enumerable.Range(0, 256).Select(code => (byte)code).ToArray();
        return encoding.GetString(bytes);
    }

    private static string MakeStandard()
    {
        var table = new char[256];
        for (var code = 0x20; code < 0x7F; code++)
        {
            table[code] = (char)code;
        }

        table[0x27] = '\u2019';
        table[0x60] = '\u2018';
        // From 0xA1; a space where there is none. The ligatures fi and fl are told apart from their letters by who reads this.
        const string upper =
            "\u00A1\u00A2\u00A3\u2044\u00A5\u0192\u00A7\u00A4'\u201C\u00AB\u2039\u203A\uFB01\uFB02 \u2013\u2020\u2021\u00B7 \u00B6\u2022\u201A\u201E\u201D\u00BB\u2026\u2030 \u00BF" +
            " `\u00B4\u02C6\u02DC\u00AF\u02D8\u02D9\u00A8 \u02DA\u00B8 \u02DD\u02DB\u02C7\u2014                \u00C6 \u00AA    \u0141\u00D8\u0152\u00BA     \u00E6   \u0131  \u0142\u00F8\u0153\u00DF";
        for (var i = 0; i < upper.Length; i++)
        {
            table[0xA1 + i] = upper[i] == ' ' ? '\0' : upper[i];
        }

        return new string(table);
    }
}
