using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tools;

/// <summary>Checks <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>.</summary>
internal static partial class ToolRequestReader
{
    /// <summary>OpenAI's own limit.</summary>
    private const int MostTools = 128;

    /// <summary>Whether the model shall be shown tools; what they are is not looked at.</summary>
    public static bool AsksTools(ChatCompletionRequest request) =>
        !GenerationParametersReader.IsEmpty(request.Tools) && !(request.ToolChoice is { ValueKind: JsonValueKind.String } choice && RequestValues.Text(choice) == "none");

    public static OpenAIError? Read(ChatCompletionRequest request, ChatPrompt prompt, out ToolUse use)
    {
        use = ToolUse.None;
        return ReadTools(request.Tools, out var tools, out var functions)
            ?? ReadChoice(request.ToolChoice, functions.ConvertAll(function => function.Name), out var choice, out var name)
            ?? Decide(request, prompt, tools, functions, choice, name, out use);
    }

    private static OpenAIError? Decide(ChatCompletionRequest request, ChatPrompt prompt, ListValue? tools, List<ToolFunction> functions, string choice, string? name, out ToolUse use)
    {
        use = ToolUse.None;
        if (tools is null || choice == "none")
        {
            return null;
        }

        if (!prompt.TakesTools)
        {
            return OpenAIError.Unsupported("tools", " by this model: its chat template has no place for them");
        }

        var isRequired = choice is not "auto";
        if (isRequired && prompt.Calls is null)
        {
            return OpenAIError.Unsupported("tool_choice", $" with the value {choice} by this model: its calls cannot be begun for it");
        }

        use = new ToolUse(tools, isRequired, name ?? (isRequired && functions.Count == 1 ? functions[0].Name : null), request.ParallelToolCalls == false || name is not null || prompt.Calls is { IsBare: true })
        {
            Functions = functions,
            Format = prompt.Calls,
        };
        return null;
    }

    private static OpenAIError? ReadTools(JsonElement? value, out ListValue? tools, out List<ToolFunction> functions)
    {
        tools = null;
        functions = [];
        if (value is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined })
        {
            return null;
        }

        if (value is not { ValueKind: JsonValueKind.Array } array)
        {
            return OpenAIError.Invalid("'tools' must be an array.", "tools");
        }

        if (array.GetArrayLength() > MostTools)
        {
            return OpenAIError.Invalid($"'tools' has {array.GetArrayLength()} tools, at most {MostTools} are allowed.", "tools");
        }

        foreach (var tool in array.EnumerateArray())
        {
            if (ReadTool(tool, $"tools[{functions.Count}]", functions) is { } error)
            {
                return error;
            }
        }

        if (functions.Count == 0)
        {
            return null;
        }

        var refusal = RequestValues.Read(array, "tools", out var read);
        tools = read as ListValue;
        return refusal;
    }

    private static OpenAIError? ReadTool(JsonElement tool, string field, List<ToolFunction> functions)
    {
        if (tool.ValueKind != JsonValueKind.Object || RequestValues.FindText(tool, "type") is not { } type)
        {
            return OpenAIError.Invalid("A tool is an object with a 'type'.", field);
        }

        if (type != "function")
        {
            return OpenAIError.Unsupported($"{field}.type", $" with the value '{type}': a tool is a function");
        }

        if (RequestValues.Find(tool, "function") is not { ValueKind: JsonValueKind.Object } function)
        {
            return OpenAIError.Invalid("A tool of type 'function' has an object 'function'.", $"{field}.function");
        }

        if (RequestValues.FindText(function, "name") is not { } name || !Name().IsMatch(name))
        {
            return OpenAIError.Invalid("A function has a 'name' of 1 to 64 letters, digits, underscores and hyphens.", $"{field}.function.name");
        }

        if (functions.Exists(other => other.Name == name))
        {
            return OpenAIError.Invalid($"There is another function '{name}': each has a name of its own.", $"{field}.function.name");
        }

        if (RequestValues.Find(function, "description") is not (null or { ValueKind: JsonValueKind.Null or JsonValueKind.String }))
        {
            return OpenAIError.Invalid("The 'description' of a function is a string.", $"{field}.function.description");
        }

        var parameters = RequestValues.Find(function, "parameters") is { ValueKind: not JsonValueKind.Null } given ? given : (JsonElement?)null;
        var isStrict = RequestValues.Find(function, "strict") is { ValueKind: JsonValueKind.True };
        functions.Add(new ToolFunction(name, parameters, isStrict));
        return parameters is not (null or { ValueKind: JsonValueKind.Object }) ? OpenAIError.Invalid("The 'parameters' of a function are a JSON schema: an object.", $"{field}.function.parameters")
            : isStrict && parameters is { } schema && RequestValues.FindText(schema, "type") != "object" ? OpenAIError.Invalid("The 'parameters' of a strict function have the 'type' 'object': arguments are one.", $"{field}.function.parameters.type", "invalid_schema")
            : null;
    }

    /// <param name="choice">none, auto, required, or the named function in JSON.</param>
    /// <param name="name">The named function.</param>
    private static OpenAIError? ReadChoice(JsonElement? value, List<string> names, out string choice, out string? name)
    {
        (choice, name) = ("auto", null);
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }:
                return null;
            case { ValueKind: JsonValueKind.String } text when RequestValues.Text(text) is "none" or "auto" or "required":
                choice = RequestValues.Text(text) ?? "";
                return choice == "required" && names.Count == 0 ? OpenAIError.Invalid("'tool_choice' is 'required', but there are no 'tools'.", "tool_choice") : null;
            case { ValueKind: JsonValueKind.Object } named when RequestValues.FindText(named, "type") == "function"
                && RequestValues.Find(named, "function") is { } function && RequestValues.FindText(function, "name") is { } found:
                (choice, name) = ("of a function's name", found);
                return names.Contains(found) ? null : OpenAIError.Invalid("'tool_choice' names a function that is not among 'tools'.", "tool_choice.function.name");
            case { ValueKind: JsonValueKind.Object } other when RequestValues.FindText(other, "type") is { } type && type != "function":
                return OpenAIError.Unsupported("tool_choice.type", $" with the value '{type}'");
            default:
                return OpenAIError.Invalid("""'tool_choice' is 'none', 'auto', 'required', or {"type": "function", "function": {"name": "..."}}.""", "tool_choice");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
