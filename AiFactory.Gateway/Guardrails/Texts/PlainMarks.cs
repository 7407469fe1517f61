using System.Buffers;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>Tells strings that only name something, or are a file's bytes, from texts that somebody put in such a place: a member's name alone is no proof.</summary>
internal static class PlainMarks
{
    private const int LongestMark = 64;
    private const int LongestAddress = 8192;

    /// <summary>Shorter ones in Base64 are as quickly looked at.</summary>
    private const int ShortestFile = 256;

    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> OfMarks = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(LettersAndDigits + "_.:/-"));
    private static readonly SearchValues<byte> OfFiles = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(LettersAndDigits + "+/=_-"));
    private static readonly SearchValues<byte> NotInAddresses = SearchValues.Create(" \\\"<>{}|^`"u8);

    /// <summary>Whether a string under a name of this kind is what its name says, and no text.</summary>
    /// <param name="raw">What stands between the quotes.</param>
    public static bool IsPlain(TextKind kind, ReadOnlySpan<byte> raw) => (kind == TextKind.Mark && IsMark(raw)) || (kind == TextKind.File && (IsFile(raw) || IsMark(raw)));

    /// <param name="raw">What stands between the quotes.</param>
    public static bool IsMark(ReadOnlySpan<byte> raw) => raw.Length <= LongestMark && !raw.ContainsAnyExcept(OfMarks) && (raw.IsEmpty || raw.ContainsAny(Letters));

    /// <summary>An address, <c>data:image/png;base64,iVBO...</c> or Base64 alone.</summary>
    public static bool IsFile(ReadOnlySpan<byte> raw)
    {
        if (raw.StartsWith("https://"u8) || raw.StartsWith("http://"u8))
        {
            return raw.Length <= LongestAddress && !raw.ContainsAny(NotInAddresses);
        }

        var comma = raw.StartsWith("data:"u8) ? raw[..Math.Min(raw.Length, LongestMark * 2)].IndexOf(";base64,"u8) : -1;
        return comma >= 0 ? !raw[(comma + ";base64,".Length)..].ContainsAnyExcept(OfFiles)
            : raw.Length >= ShortestFile && !raw.ContainsAnyExcept(OfFiles);
    }
}
