using System.Text;
using System.Text.Json;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.OpenAI;

/// <summary>OpenAI's union for prompts and inputs: a string, an array of strings, an array of tokens, or an array of arrays of tokens.</summary>
internal static class TextInput
{
    /// <param name="contextLength">Tokens that one text may have; a text that cannot fit is refused before it is tokenized.</param>
    /// <param name="most">Texts that one request may have.</param>
    public static OpenAIError? Read(JsonElement? value, string field, LlamaModel model, int contextLength, int most, out IReadOnlyList<int[]> inputs)
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
                if (ReadOne(item, $"{field}[{index++}]", model, contextLength, read) is { } error)
                {
                    return error;
                }
            }

            return null;
        }

        return ReadOne(element, field, model, contextLength, read);
    }

    private static OpenAIError? ReadOne(JsonElement element, string field, LlamaModel model, int contextLength, List<int[]> inputs)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                if (RequestValues.Text(element) is not { } text)
                {
                    return OpenAIError.Invalid($"'{field}' is not valid Unicode.", field);
                }

                if (text.Length == 0)
                {
                    return OpenAIError.Invalid($"'{field}' is an empty string.", field);
                }

                if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > model.MostBytes(contextLength))
                {
                    return OpenAIError.TextTooLong(contextLength, bytes, model.MostBytes(contextLength), field);
                }

                inputs.Add(model.Tokenize(text, addSpecial: true, parseSpecial: false));
                return null;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                if (element.GetArrayLength() > contextLength)
                {
                    return OpenAIError.InputTooLong(contextLength, element.GetArrayLength(), field);
                }

                var tokens = new int[element.GetArrayLength()];
                var i = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out tokens[i]) || (uint)tokens[i++] >= (uint)model.VocabularySize)
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
