using System.Globalization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A number, a name, or a Helm expression that becomes one of them.</summary>
public sealed record Int32OrStringV1(int? Number = null, string? Text = null)
{
    public Int32OrStringV1(int value)
        : this(value, null)
    {
    }

    public Int32OrStringV1(string? value)
        : this(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null, value)
    {
    }

    public string? Value => Number?.ToString(CultureInfo.InvariantCulture) ?? Text;

    public static implicit operator Int32OrStringV1(int value) => new(value);

    public static implicit operator Int32OrStringV1?(string? value) => value is null ? null : new Int32OrStringV1(value);

    public override string? ToString() => Value;
}
