using System.Text.Json;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.OpenAI;

/// <summary>Reads parts of a request that have no fixed shape.</summary>
internal static class RequestValues
{
    /// <summary>A member that is a text; null when it is absent, another kind, or no valid Unicode.</summary>
    public static string? FindText(JsonElement element, string member) => Find(element, member) is { } value ? Text(value) : null;

    /// <summary>A member of an object; null when it is absent, or when a name beside it is no valid Unicode (<c>"\ud800"</c>): the search compares names, and fails on such a one.</summary>
    public static JsonElement? Find(JsonElement element, string member)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null when it is no text, or no valid Unicode: a JSON text may hold half of a surrogate pair (<c>"\ud800"</c>).</summary>
    public static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Any JSON, for a chat template.</summary>
    public static OpenAIError? Read(JsonElement element, string field, out TemplateValue value)
    {
        try
        {
            value = JsonValues.From(element);
            return null;
        }
        catch (InvalidOperationException)
        {
            value = NoneValue.Instance;
            return OpenAIError.Invalid($"'{field}' has a text that is not valid Unicode.", field);
        }
    }
}
