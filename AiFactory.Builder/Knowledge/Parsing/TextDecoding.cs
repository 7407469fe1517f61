using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Reads bytes as text: by their byte order mark, as UTF-8, by the charset that was named, or as Windows-1252.</summary>
internal static class TextDecoding
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly EncodingProvider CodePages = CodePagesEncodingProvider.Instance;

    /// <exception cref="DocumentException">These bytes are no text.</exception>
    internal static string Decode(DocumentContent content)
    {
        ReadOnlySpan<byte> bytes = content.Bytes;
        switch (bytes)
        {
            case [0xEF, 0xBB, 0xBF, ..]:
                return Encoding.UTF8.GetString(bytes[3..]);
            case [0xFF, 0xFE, 0, 0, ..]:
                return Encoding.UTF32.GetString(bytes[4..]);
            case [0xFF, 0xFE, ..]:
                return Encoding.Unicode.GetString(bytes[2..]);
            case [0xFE, 0xFF, ..]:
                return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        }

        if (content.Charset is { Length: > 0 } charset && Find(charset) is { } named and not UTF8Encoding)
        {
            return named.GetString(bytes);
        }

        // Text has no NUL; without a mark, UTF-16 cannot be told from a binary file.
        if (bytes[..Math.Min(bytes.Length, 65536)].Contains((byte)0))
        {
            throw new DocumentException($"'{content.Name}' is not text: it has zero bytes. Text in UTF-16 must begin with a byte order mark.");
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Find("windows-1252")?.GetString(bytes) ?? Encoding.Latin1.GetString(bytes);
        }
    }

    private static Encoding? Find(string charset)
    {
        try
        {
            return CodePages.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            // No charset that anyone knows: the bytes decide.
            return null;
        }
    }
}
