using System.Buffers;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Tells the event that brings the first token from those that only open the stream.
/// <code>
/// data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}
/// data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}
/// data: {"type":"response.output_text.delta","delta":"Hello"}
/// </code>
/// </summary>
internal static class FirstTokenScanner
{
    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t"u8);

    public static bool HasToken(ReadOnlySpan<byte> bytes) =>
        HasText(bytes, "\"content\":"u8) || HasText(bytes, "\"text\":"u8) || HasText(bytes, "\"reasoning_content\":"u8) || HasText(bytes, "\"delta\":"u8) || bytes.IndexOf("\"tool_calls\":"u8) >= 0;

    /// <summary>Whether the member is there with a string that is not empty.</summary>
    private static bool HasText(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> member)
    {
        for (var at = bytes.IndexOf(member); at >= 0; at = bytes.IndexOf(member))
        {
            bytes = bytes[(at + member.Length)..];
            var value = bytes[Math.Max(0, bytes.IndexOfAnyExcept(WhiteSpace))..];
            if (value.Length > 1 && value[0] == '"' && value[1] != '"')
            {
                return true;
            }
        }

        return false;
    }
}
