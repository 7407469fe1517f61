using System.Text.Json;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.OpenAI;

/// <summary>OpenAI's union for prompts and inputs: a string, an array of strings, an array of tokens, or an array of arrays of tokens.</summary>
internal static class TextInput
{
    /// <param name="most">Texts that one request may have.</param>
    public static OpenAIError? Read(JsonElement? value, string field, LlamaModel model, int most, out IReadOnlyList<int[]> inputs)
    {
        var read = new List<int[]>();
        inputs = read;
        if (value is not { } element)
        {
            return OpenAIError.Invalid($"You must provide '{field}'.", field);
        }

        if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0 && element[0].ValueKind != JsonValueKind.Number)
        {
            if (element.GetArrayLength() > most)
            {
                return OpenAIError.Invalid($"'{field}' has {element.GetArrayLength()} texts, at most {most} are allowed in one request.", field);
            }

            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                if (ReadOne(item, $"{field}[{index++}]", model, read) is { } error)
                {
                    return error;
                }
            }

            return null;
        }

        return ReadOne(element, field, model, read);
    }

    private static OpenAIError? ReadOne(JsonElement element, string field, LlamaModel model, List<int[]> inputs)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                var text = element.GetString() ?? "";
                if (text.Length == 0)
                {
                    return OpenAIError.Invalid($"'{field}' is an empty string.", field);
                }

                inputs.Add(model.Tokenize(text, addSpecial: true, parseSpecial: false));
                return null;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                var tokens = new int[element.GetArrayLength()];
                for (var i = 0; i < tokens.Length; i++)
                {
                    if (element[i].ValueKind != JsonValueKind.Number || !element[i].TryGetInt32(out tokens[i]) || (uint)tokens[i] >= (uint)model.VocabularySize)
                    {
                        return OpenAIError.Invalid($"A token is a whole number from 0 to {model.VocabularySize - 1}.", field);
                    }
                }

                inputs.Add(tokens);
                return null;
            default:
                return OpenAIError.Invalid($"'{field}' must be a string, an array of strings, or an array of tokens.", field);
        }
    }
}
