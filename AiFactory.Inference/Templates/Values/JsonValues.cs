using System.Globalization;
using System.Text.Json;

namespace AiFactory.Inference.Templates.Values;

/// <summary>From the request's JSON to values, every text of it marked as the request's.</summary>
internal static class JsonValues
{
    public static TemplateValue From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new MapValue(element.EnumerateObject()
            .Select(member => KeyValuePair.Create((TemplateValue)StringValue.FromRequest(member.Name), From(member.Value)))),
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(From)]),
        JsonValueKind.String => StringValue.FromRequest(element.GetString() ?? ""),
        JsonValueKind.Number => FromNumber(element.GetRawText()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        _ => NoneValue.Instance,
    };

    private static TemplateValue FromNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && text != "-0"
            ? new IntegerValue(whole)
            : new FloatValue(double.Parse(text, CultureInfo.InvariantCulture), text);
}
