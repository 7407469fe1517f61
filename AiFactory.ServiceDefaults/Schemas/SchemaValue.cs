using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>What is equal as JSON: 1 and 1.0 are, and members in any order. What is looked at is paid as it goes.</summary>
internal static class SchemaValue
{
    /// <summary>A letter can be written as itself, or as <c>\u0061</c>.</summary>
    private const int LongestWriting = 6;

    public static bool Equal(JsonElement one, JsonElement other, SchemaRun run)
    {
        run.Spend();
        return one.ValueKind == other.ValueKind && one.ValueKind switch
        {
            JsonValueKind.String => EqualTexts(one, other, run),
            JsonValueKind.Number => EqualNumbers(one, other, run),
            JsonValueKind.Array => one.GetArrayLength() == other.GetArrayLength() && one.EnumerateArray().Zip(other.EnumerateArray()).All(pair => Equal(pair.First, pair.Second, run)),
            JsonValueKind.Object => one.GetPropertyCount() == other.GetPropertyCount()
                && Sorted(one, run).Zip(Sorted(other, run)).All(pair => pair.First.Name == pair.Second.Name && Equal(pair.First.Value, pair.Second.Value, run)),
            _ => true,
        };
    }

    /// <summary>The same of equal ones; of others seldom.</summary>
    public static int Hash(JsonElement value, SchemaRun run)
    {
        run.Spend(SchemaRun.CostOf(value));
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return (value.GetString() ?? "").GetHashCode(StringComparison.Ordinal);
            case JsonValueKind.Number:
                return ExactNumber.Of(value).Hash();
            case JsonValueKind.Array:
                return value.EnumerateArray().Aggregate(1, (sum, element) => HashCode.Combine(sum, Hash(element, run)));
            case JsonValueKind.Object:
                var all = 2;
                foreach (var member in value.EnumerateObject())
                {
                    run.SpendOn(member);
                    all = unchecked(all + HashCode.Combine(member.Name.GetHashCode(StringComparison.Ordinal), Hash(member.Value, run)));
                }

                return all;
            default:
                return (int)value.ValueKind;
        }
    }

    private static bool EqualTexts(JsonElement one, JsonElement other, SchemaRun run)
    {
        var (length, others) = ((long)JsonMarshal.GetRawUtf8Value(one).Length, (long)JsonMarshal.GetRawUtf8Value(other).Length);
        if (length > others * LongestWriting || others > length * LongestWriting)
        {
            return false;
        }

        run.SpendOn(one);
        run.SpendOn(other);
        return one.ValueEquals(other.GetString());
    }

    private static bool EqualNumbers(JsonElement one, JsonElement other, SchemaRun run)
    {
        run.SpendOn(one);
        run.SpendOn(other);
        return ExactNumber.Of(one).CompareTo(ExactNumber.Of(other)) == 0;
    }

    /// <summary>By their names; those of one name as they stand.</summary>
    private static IOrderedEnumerable<JsonProperty> Sorted(JsonElement value, SchemaRun run) => value.EnumerateObject().OrderBy(
        member =>
        {
            run.SpendOn(member);
            return member.Name;
        },
        StringComparer.Ordinal);
}
