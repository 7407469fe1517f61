namespace AiFactory.ServiceDefaults.Objects;

/// <summary>A key that no store takes. The message says what is wrong with it.</summary>
public sealed class ObjectKeyException(string key, string reason)
    : ArgumentException($"The object key '{Shown(key)}' is refused: {reason}")
{
    /// <summary>The key may come from outside: what could break a log line is replaced, and it is cut.</summary>
    private static string Shown(string key)
    {
        var cut = key.Length <= 200 ? key : key[..200] + "...";
        return string.Create(cut.Length, cut, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(text[i]) ? '?' : text[i];
            }
        });
    }
}
