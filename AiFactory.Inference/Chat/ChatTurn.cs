using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>One message of a conversation, checked.</summary>
/// <param name="Role">One of the known ones: the template may write it into a control token, so it is nothing of the request's own.</param>
/// <param name="ToolCalls">An assistant's, with arguments that are read already, or a text when they are no object: <c>{"id":..., "type":"function", "function":{"name":..., "arguments":{...}}}</c>.</param>
internal sealed record ChatTurn(string Role, string Content, string? Name = null, string? ToolCallId = null, ListValue? ToolCalls = null)
{
    /// <summary>What an assistant thought before it answered; null when nothing is known.</summary>
    public string? Thought { get; init; }

    /// <summary>As templates know it. What is absent has no key, since they ask <c>is defined</c>.</summary>
    /// <param name="thoughtKey">Where the template looks for thoughts: <c>content</c> where they are a part of that; null leaves them out.</param>
    public MapValue ToValue(string? thoughtKey = null)
    {
        var thought = thoughtKey is null ? null : Thought;
        List<KeyValuePair<TemplateValue, TemplateValue>> entries =
        [
            Entry("role", StringValue.FromTemplate(Role)),
            Entry("content", thought is not null && thoughtKey == "content" ? new ListValue([Part("thinking", thought), Part("text", Content)]) : StringValue.FromRequest(Content)),
        ];
        if (thought is not null && thoughtKey is not (null or "content"))
        {
            entries.Add(Entry(thoughtKey, StringValue.FromRequest(thought)));
        }

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

    private static MapValue Part(string type, string text) => new([Entry("type", StringValue.FromTemplate(type)), Entry(type, StringValue.FromRequest(text))]);

    private static KeyValuePair<TemplateValue, TemplateValue> Entry(string key, TemplateValue value) => KeyValuePair.Create((TemplateValue)StringValue.FromTemplate(key), value);
}
