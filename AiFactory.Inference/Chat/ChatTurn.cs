using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>One message of a conversation, checked.</summary>
/// <param name="Role">One of the known ones: the template may write it into a control token, so it is nothing of the request's own.</param>
/// <param name="ToolCalls">An assistant's, with arguments that are read already, or a text when they are no object: <c>{"id":..., "type":"function", "function":{"name":..., "arguments":{...}}}</c>.</param>
internal sealed record ChatTurn(string Role, string Content, string? Name = null, string? ToolCallId = null, ListValue? ToolCalls = null)
{
    /// <summary>As templates know it. What is absent has no key, since they ask <c>is defined</c>.</summary>
    public MapValue ToValue()
    {
        List<KeyValuePair<TemplateValue, TemplateValue>> entries =
        [
            Entry("role", StringValue.FromTemplate(Role)),
            Entry("content", StringValue.FromRequest(Content)),
        ];
        if (Name is not null)
        {
            entries.Add(Entry("name", StringValue.FromRequest(Name)));
        }

        if (ToolCallId is not null)
        {
            entries.Add(Entry("tool_call_id", StringValue.FromRequest(ToolCallId)));
        }

        if (ToolCalls is not null)
        {
            entries.Add(Entry("tool_calls", ToolCalls));
        }

        return new MapValue(entries);
    }

    private static KeyValuePair<TemplateValue, TemplateValue> Entry(string key, TemplateValue value) => KeyValuePair.Create((TemplateValue)StringValue.FromTemplate(key), value);
}
