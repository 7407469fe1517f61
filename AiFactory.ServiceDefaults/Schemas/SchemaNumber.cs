using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Numbers: exact as far as a decimal goes, beyond that as clients' doubles have them.</summary>
internal static class SchemaNumber
{
    public static bool IsInteger(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && (value.TryGetDecimal(out var number) ? decimal.Truncate(number) == number : value.TryGetDouble(out var large) && Math.Truncate(large) == large);

    public static void ReadBound(SchemaPlace place, Predicate<int> fits, string words)
    {
        RequireNumber(place);
        place.Add((value, _) => value.ValueKind != JsonValueKind.Number || fits(Compare(value, place.Value)) ? null : new SchemaFault(words));
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

    private static bool IsMultiple(JsonElement value, decimal step) =>
        value.TryGetDecimal(out var number) ? number % step == 0 : value.TryGetDouble(out var large) && Math.IEEERemainder(large, (double)step) == 0;

    private static int Compare(JsonElement one, JsonElement other) =>
        one.TryGetDecimal(out var exact) && other.TryGetDecimal(out var bound) ? exact.CompareTo(bound) : one.GetDouble().CompareTo(other.GetDouble());

    private static void RequireNumber(SchemaPlace place)
    {
        if (place.Value.ValueKind != JsonValueKind.Number)
        {
            throw place.Complain("it is a number");
        }
    }
}
