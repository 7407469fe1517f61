using System.Text.Json;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.KServe;

/// <summary>Reads a tensor's data, <c>{"shape":[2,2],"datatype":"INT32","data":[[1,2],[3,4]]}</c> or <c>"data":[1,2,3,4]</c>, and holds it to its shape and type.</summary>
internal static class TensorReader
{
    private static readonly Dictionary<string, Func<JsonElement, bool>> Datatypes = new(StringComparer.Ordinal)
    {
        ["BYTES"] = element => RequestValues.Text(element) is not null,
        ["INT32"] = element => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _),
        ["INT64"] = element => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out _),
        ["FP32"] = element => element.ValueKind == JsonValueKind.Number && element.TryGetSingle(out var value) && float.IsFinite(value),
    };

    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(RequestTensor tensor, out IReadOnlyList<JsonElement> elements)
    {
        var read = new List<JsonElement>();
        elements = read;
        if (tensor.Name is not { Length: > 0 } name)
        {
            return "An input has a 'name'.";
        }

        if (tensor.Datatype is null || !Datatypes.TryGetValue(tensor.Datatype, out var fits))
        {
            return $"The datatype of the input '{name}' is one of {string.Join(", ", Datatypes.Keys)}.";
        }

        if (tensor.Shape is not { Count: > 0 } shape || shape.Any(dimension => dimension < 1))
        {
            return $"The 'shape' of the input '{name}' has at least one dimension, and each is at least 1.";
        }

        if (tensor.Data is not { ValueKind: JsonValueKind.Array } data)
        {
            return $"The 'data' of the input '{name}' is an array.";
        }

        Flatten(data, read);
        var expected = shape.Aggregate((Int128)1, (product, dimension) => Int128.Min(product * dimension, long.MaxValue));
        return expected != read.Count ? $"The input '{name}' has {read.Count} elements, its shape [{string.Join(", ", shape)}] says {expected}."
            : read.FindIndex(element => !fits(element)) is >= 0 and var at ? $"Element {at} of the input '{name}' is no {tensor.Datatype}."
            : null;
    }

    /// <summary>Recursive: the JSON reader bounds the body's depth, at 64.</summary>
    private static void Flatten(JsonElement data, List<JsonElement> elements)
    {
        foreach (var next in data.EnumerateArray())
        {
            if (next.ValueKind == JsonValueKind.Array)
            {
                Flatten(next, elements);
            }
            else
            {
                elements.Add(next);
            }
        }
    }
}
