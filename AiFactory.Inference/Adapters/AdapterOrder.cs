using System.Text.RegularExpressions;

namespace AiFactory.Inference.Adapters;

/// <summary>An adapter that the settings name: <c>sql=s3://bucket/sql.gguf</c>, as vLLM's <c>--lora-modules</c> has it.</summary>
internal sealed partial record AdapterOrder(string Name, string Path)
{
    /// <param name="text">Any number of them, with spaces, commas or line breaks between them.</param>
    /// <exception cref="FormatException">One is none; the message says what is wrong.</exception>
    public static IReadOnlyList<AdapterOrder> ParseAll(string? text)
    {
        var orders = (text ?? "").Split([' ', ',', ';', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList();
        return orders.GroupBy(order => order.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new FormatException($"the adapter '{twice.Key}' is named twice")
            : orders;
    }

    /// <summary>Clients send it as <c>model</c>, and the metrics list it between commas.</summary>
    public static bool IsName(string? name) => name is not null && Names().IsMatch(name);

    private static AdapterOrder Parse(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var sign && sign < text.Length - 1 && IsName(text[..sign])
            ? new AdapterOrder(text[..sign], text[(sign + 1)..])
            : throw new FormatException($"'{text}' is not of the form name=s3://bucket/key or name=/path");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}\z")]
    private static partial Regex Names();
}
