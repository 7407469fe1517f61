using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Numbers: exact, but for multiples of what no decimal holds, which are as clients' doubles have them.</summary>
internal static class SchemaNumber
{
    public static bool IsInteger(JsonElement value) => value.ValueKind == JsonValueKind.Number && ExactNumber.Of(value).IsInteger;

    public static void ReadBound(SchemaPlace place, Predicate<int> fits, string words)
    {
        RequireNumber(place);
        var bound = ExactNumber.Of(place.Value);
        place.Add((value, _) => value.ValueKind != JsonValueKind.Number || fits(ExactNumber.Of(value).CompareTo(bound)) ? null : new SchemaFault(words));
    }

    public static void ReadMultiple(SchemaPlace place)
    {
        RequireNumber(place);
        if (!place.Value.TryGetDecimal(out var step) || step <= 0)
        {
            throw place.Complain("it is above 0");
        }

        place.Add((value, _) => value.ValueKind != JsonValueKind.Number || IsMultiple(value, step) ? null : new SchemaFault("is no multiple of what it should be"));
    }

    /// <summary>What is too large for a double is told as no multiple, and what is too small as 0.</summary>
    private static bool IsMultiple(JsonElement value, decimal step) =>
        value.TryGetDecimal(out var number) ? number % step == 0 : value.TryGetDouble(out var large) && Math.IEEERemainder(large, (double)step) == 0;

    private static void RequireNumber(SchemaPlace place)
    {
        if (place.Value.ValueKind != JsonValueKind.Number)
        {
            throw place.Complain("it is a number");
        }
    }
}
