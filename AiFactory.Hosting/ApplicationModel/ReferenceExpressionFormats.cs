namespace Aspire.Hosting.ApplicationModel;

/// <summary>The formats that an interpolated value may carry, e.g. <c>{password:uri}</c>.</summary>
internal static class ReferenceExpressionFormats
{
    public static string? Apply(string? value, string format) => format.ToUpperInvariant() switch
    {
        "URI" => value is null ? null : Uri.EscapeDataString(value),
        _ => throw new FormatException($"The reference expression format '{format}' is not supported."),
    };
}
