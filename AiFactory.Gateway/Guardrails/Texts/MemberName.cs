namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// Names of members as any server behind us may read them: escapes undone, and in lower case, for those in Go read <c>Messages</c> as <c>messages</c>
/// (https://pkg.go.dev/encoding/json#Unmarshal; two signs beyond ASCII count there as letters too).
/// </summary>
internal static class MemberName
{
    /// <summary>Characters of the longest that is known here, each of which may be an escape as long as <c>\u0061</c>.</summary>
    public const int LongestRaw = 64 * 6;

    /// <param name="raw">What stands between the quotes.</param>
    /// <param name="buffer">Of at least <see cref="LongestRaw"/> characters.</param>
    /// <returns>Empty for a longer one, which is none that is known here.</returns>
    public static ReadOnlySpan<char> Read(scoped ReadOnlySpan<byte> raw, Span<char> buffer)
    {
        if (raw.Length > LongestRaw)
        {
            return [];
        }

        var name = buffer[..JsonText.Decode(raw, buffer)];
        foreach (ref var letter in name)
        {
            letter = letter switch
            {
                >= 'A' and <= 'Z' => (char)(letter | 0x20),
                '\u017F' => 's',
                '\u212A' => 'k',
                _ => letter,
            };
        }

        return name;
    }

    /// <summary>Whether it is written as every server knows it.</summary>
    public static bool IsExact(ReadOnlySpan<byte> raw, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < raw.Length && raw.Length == name.Length; i++)
        {
            if (raw[i] != name[i])
            {
                return false;
            }
        }

        return raw.Length == name.Length;
    }
}
