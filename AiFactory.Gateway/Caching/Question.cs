using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Caching;

/// <summary>The last message of a chat, and all that is asked around it.</summary>
/// <param name="Around">Of the project, the model, the instructions, the messages before and every parameter.</param>
internal sealed record Question(CacheKey Around, string Text)
{
    /// <summary>No question is as long; a document is not near another because most of it is the same.</summary>
    private const int Longest = 4096;

    /// <param name="members">The body's, each of which has a canonical form.</param>
    /// <returns>Null where the last message is no text of a user.</returns>
    public static Question? Of(Exchange exchange, (string Name, JsonElement Value)[] members)
    {
        var messages = Array.Find(members, member => member.Name == "messages").Value;
        if (messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0
            || messages[messages.GetArrayLength() - 1] is not { ValueKind: JsonValueKind.Object } last
            || !last.TryGetProperty("role"u8, out var role) || role.ValueKind != JsonValueKind.String || !role.ValueEquals("user"u8)
            || !last.TryGetProperty("content"u8, out var content) || content.ValueKind != JsonValueKind.String
            || content.GetString() is not { Length: > 0 and <= Longest } text)
        {
            return null;
        }

        var form = new ArrayBufferWriter<byte>(exchange.Body.Count + 512);
        CacheRequest.WriteSource(exchange, form);
        foreach (var (name, value) in members.Where(member => member.Name != "messages" && !CacheRequest.IsUncounted(member.Name)))
        {
            CanonicalForm.WriteText(name, form);
            CanonicalForm.TryWrite(value, form);
        }

        foreach (var message in messages.EnumerateArray().SkipLast(1))
        {
            CanonicalForm.TryWrite(message, form);
        }

        foreach (var (name, value) in (CanonicalForm.Members(last) ?? []).Where(member => member.Name != "content"))
        {
            CanonicalForm.WriteText(name, form);
            CanonicalForm.TryWrite(value, form);
        }

        return new Question(CacheKey.Of(form.WrittenSpan), text);
    }
}
