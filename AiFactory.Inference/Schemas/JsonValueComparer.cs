using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>Values that are equal as JSON: 1 and 1.0 are, and members in any order.</summary>
internal sealed class JsonValueComparer : IEqualityComparer<JsonElement>
{
    public static readonly JsonValueComparer Instance = new();

    public bool Equals(JsonElement one, JsonElement other) => JsonElement.DeepEquals(one, other);

    public int GetHashCode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()?.GetHashCode(StringComparison.Ordinal) ?? 0,
        JsonValueKind.Number => value.TryGetDouble(out var number) ? number.GetHashCode() : 0,
        JsonValueKind.Array => value.EnumerateArray().Aggregate(1, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JsonValueKind.Object => value.EnumerateObject().Aggregate(2, (hash, member) => hash ^ HashCode.Combine(member.Name.GetHashCode(StringComparison.Ordinal), GetHashCode(member.Value))),
        var kind => (int)kind,
    };
}
