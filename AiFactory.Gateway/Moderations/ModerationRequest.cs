using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Moderations;

/// <summary>
/// What is to be judged: <c>{"input":"a text"}</c>, <c>{"input":["one","two"]}</c> with a verdict on each, or one verdict on parts:
/// <c>{"input":[{"type":"text","text":"..."},{"type":"image_url","image_url":{"url":"..."}}]}</c>.
/// </summary>
internal static class ModerationRequest
{
    private const int MostTexts = 2048;

    /// <param name="root">An object all of whose texts are valid Unicode.</param>
    /// <param name="inputs">For each verdict its texts; those of one are parts of one message.</param>
    public static OpenAIError? Read(JsonElement root, out List<string[]> inputs)
    {
        inputs = [];
        if (!root.TryGetProperty("input"u8, out var input) || input.ValueKind == JsonValueKind.Null)
        {
            return Invalid("You must provide an input parameter: the text that is to be judged.", "missing_required_parameter");
        }

        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                inputs.Add([input.GetString() ?? ""]);
                return null;
            case JsonValueKind.Array when input.GetArrayLength() is > 0 and <= MostTexts:
                return ReadList(input, inputs);
            case JsonValueKind.Array:
                return Invalid($"'input' has 1 to {MostTexts} entries.", "invalid_value");
            default:
                return Invalid("Invalid type for 'input': expected a string or a list.", "invalid_type");
        }
    }

    private static OpenAIError? ReadList(JsonElement list, List<string[]> inputs)
    {
        if (list[0].ValueKind == JsonValueKind.String)
        {
            foreach (var text in list.EnumerateArray())
            {
                if (text.ValueKind != JsonValueKind.String)
                {
                    return Invalid("'input' is a list of texts, or of parts, and not of both.", "invalid_type");
                }

                inputs.Add([text.GetString() ?? ""]);
            }

            return null;
        }

        var parts = new List<string>();
        foreach (var part in list.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("text"u8, out var text) || text.ValueKind != JsonValueKind.String)
            {
                return Invalid("The rules of a project read texts alone: send parts as {\"type\":\"text\",\"text\":\"...\"}, or name a model that looks at images.", "unsupported_input");
            }

            parts.Add(text.GetString() ?? "");
        }

        inputs.Add([.. parts]);
        return null;
    }

    private static OpenAIError Invalid(string message, string code) => OpenAIError.Of(StatusCodes.Status400BadRequest, message, "invalid_request_error", "input", code);
}
