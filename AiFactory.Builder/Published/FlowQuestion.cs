using System.Text.Json;
using AiFactory.Builder.Runs;

namespace AiFactory.Builder.Published;

/// <param name="Revision">The newest when null.</param>
/// <param name="Text">What is asked.</param>
/// <param name="History">The conversation before it: role and content.</param>
/// <param name="Actor">Who asks.</param>
/// <param name="Bodies">The flows that its steps run, as they were published, JSON; the newest of each when null.</param>
internal sealed record FlowQuestion(
    string Project, string Flow, int? Revision, string Text, IReadOnlyList<FlowMessage> History, string Actor, Guid? ThreadId = null, string? Bodies = null)
{
    /// <summary><c>{"text":"...","messages":[{"role":"user","content":"..."}]}</c></summary>
    internal JsonElement Input() => JsonSerializer.SerializeToElement(new { text = Text, messages = History }, JsonSerializerOptions.Web);

    /// <summary>Without so many of the oldest messages that the input fits; the user begins.</summary>
    internal FlowQuestion Fitting(int mostBytes)
    {
        var left = mostBytes - StorableJson.Size((this with { History = [] }).Input());
        var kept = History.Reverse().TakeWhile(message => (left -= StorableJson.Size(message) + 1) >= 0).Count();
        return this with { History = [.. History.TakeLast(kept).SkipWhile(message => message.Role != "user")] };
    }
}

/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
internal sealed record FlowMessage(string Role, string Content);
