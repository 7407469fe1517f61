using System.Text.Json;

namespace AiFactory.Inference.Schemas;

internal static class JsonNumbers
{
    /// <summary>False for what is no number, too.</summary>
    public static bool TryGetDecimalOrNull(this JsonElement element, out decimal number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetDecimal(out number);
    }
}
