using System.Text.Json;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.KServe;

/// <summary>The inputs of one request, checked.</summary>
/// <param name="Tensor">The name of the tensor that brought them.</param>
/// <param name="Items">One for each answer: a JSON text, or an array of tokens.</param>
/// <param name="Query">A ranker's.</param>
/// <param name="Parameters">As an object with the members of OpenAI's request.</param>
internal sealed record InferenceInputs(string Tensor, IReadOnlyList<JsonElement> Items, string Query, JsonElement Parameters)
{
    private const int MostItems = 2048;

    /// <summary>What the tensors say, or what makes no sense here.</summary>
    private static readonly string[] Reserved = ["model", "messages", "prompt", "input", "stream", "stream_options", "n", "encoding_format"];

    /// <returns>What is wrong with the request, or null.</returns>
    public static string? Read(InferenceRequest request, IReadOnlyList<string> accepted, out InferenceInputs inputs)
    {
        // When a refusal is returned, nobody looks at the inputs.
        inputs = null!;
        if (ReadParameters(request.Parameters, out var parameters) is { } refusedParameters)
        {
            return refusedParameters;
        }

        var query = accepted.Contains(ModelTensors.Query) ? null : "";
        (string Name, IReadOnlyList<JsonElement> Items)? found = null;
        foreach (var tensor in request.Inputs ?? [])
        {
            if (tensor is null)
            {
                return "An input is an object.";
            }

            if (TensorReader.Read(tensor, out var elements) is { } refusal)
            {
                return refusal;
            }

            // Read above: it has a name and a shape.
            var (name, shape) = (tensor.Name ?? "", tensor.Shape ?? []);
            if (ModelTensors.IsNumber(name) && !accepted.Contains(ModelTensors.Prompt))
            {
                return $"This model takes no input '{name}'.";
            }

            if (ModelTensors.IsNumber(name))
            {
                if (tensor.Datatype == "BYTES" || elements.Count != 1)
                {
                    return $"The input '{name}' is one number.";
                }

                parameters[name] = elements[0];
                continue;
            }

            if (name == ModelTensors.Query && accepted.Contains(name))
            {
                if (tensor.Datatype != "BYTES" || elements.Count != 1)
                {
                    return $"The input '{name}' is one text.";
                }

                query = RequestValues.Text(elements[0]);
                continue;
            }

            var isTokens = name == ModelTensors.Tokens;
            if (!accepted.Contains(name) || found is not null)
            {
                return $"The inputs are one of {string.Join(", ", accepted)}, and numbers: see the model's metadata. '{name}' is one too many.";
            }

            if (isTokens ? tensor.Datatype is not ("INT32" or "INT64") || shape.Count > 2 : tensor.Datatype != "BYTES")
            {
                return isTokens ? $"The input '{name}' is a tensor of INT32 or INT64 with one row of tokens, or several." : $"The input '{name}' is a tensor of BYTES.";
            }

            found = (name, isTokens ? Rows(elements, (int)shape[^1]) : elements);
        }

        if (found is not { } items || query is null)
        {
            return $"An input {string.Join(query is null ? " and " : " or ", accepted)} is missing.";
        }

        inputs = new InferenceInputs(items.Name, items.Items, query, JsonSerializer.SerializeToElement(parameters, KServeJson.Default.DictionaryStringJsonElement));
        return items.Items.Count > MostItems ? $"The input '{items.Name}' has {items.Items.Count} items, at most {MostItems} are allowed in one request." : null;
    }

    private static List<JsonElement> Rows(IReadOnlyList<JsonElement> elements, int length) =>
        [.. elements.Chunk(length).Select(row => JsonSerializer.SerializeToElement([.. row], KServeJson.Default.ListJsonElement))];

    private static string? ReadParameters(JsonElement? value, out Dictionary<string, JsonElement> parameters)
    {
        parameters = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }:
                return null;
            case { ValueKind: JsonValueKind.Object } element:
                try
                {
                    foreach (var member in element.EnumerateObject())
                    {
                        parameters[member.Name] = member.Value;
                    }
                }
                catch (InvalidOperationException)
                {
                    return "A name in 'parameters' is not valid Unicode.";
                }

                var all = parameters;
                return RequestValues.Read(element, "parameters", out _) is { } refusal ? refusal.Body.Message
                    : Array.Find(Reserved, all.ContainsKey) is { } reserved ? $"'parameters' does not set '{reserved}'." : null;
            default:
                return "'parameters' is an object.";
        }
    }
}
