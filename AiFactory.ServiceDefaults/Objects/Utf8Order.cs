namespace AiFactory.ServiceDefaults.Objects;

/// <summary>The order of strings by their UTF-8 bytes, as S3 lists. It differs from UTF-16's where surrogates meet U+E000 and above.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    int IComparer<string>.Compare(string? x, string? y) => Compare(x, y);

    public static int Compare(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        var same = x.CommonPrefixLength(y);
        if (same == x.Length || same == y.Length)
        {
            return x.Length.CompareTo(y.Length);
        }

        return Weight(x[same]).CompareTo(Weight(y[same]));
    }

    /// <summary>Surrogates stand for what is beyond U+FFFF and so weigh most.</summary>
    private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
