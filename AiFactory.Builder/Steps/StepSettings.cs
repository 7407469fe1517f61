using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Steps;

/// <summary>A node's settings, with the defaults of its type where it has none.</summary>
internal sealed class StepSettings(StepTypeResponse type, IReadOnlyDictionary<string, JsonElement>? values)
{
    internal JsonElement? Value(string name)
    {
        if (values is not null && values.TryGetValue(name, out var value) && !IsEmpty(value))
        {
            return value;
        }

        return type.Settings.FirstOrDefault(setting => setting.Name == name)?.Default;
    }

    /// <summary>Empty when it is not set.</summary>
    internal string Text(string name) => Value(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? "" : "";

    internal double? Number(string name) => Value(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    internal int? Integer(string name) => Number(name) is { } number ? (int)number : null;

    internal bool IsOn(string name) => Value(name) is { ValueKind: JsonValueKind.True };

    /// <summary>A form sends an empty text for a field that was left out.</summary>
    internal static bool IsEmpty(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined || (value.ValueKind == JsonValueKind.String && value.GetString() is "");
}
