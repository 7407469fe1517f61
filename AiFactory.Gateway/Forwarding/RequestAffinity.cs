using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Finds what a request has in common with others, without parsing it: its session, or else the beginning of its prompt, whose computed state a replica may still hold.
/// <code>{"model":"demo-chat","prompt_cache_key":"support-v3","messages":[{"role":"system","content":"..."}]}</code>
/// A text within the prompt cannot pass for a member: the quotes around it are escaped there. A member of the same name further in can; the price is a choice less apt.
/// </summary>
internal static class RequestAffinity
{
    /// <summary>Names the session that a request belongs to.</summary>
    public const string SessionHeader = "x-aifactory-session";

    /// <summary>So many bytes of a prompt are compared; what is shorter is computed sooner than a busy replica is waited for.</summary>
    private const int PrefixBytes = 1024;

    /// <summary>Where members are looked for.</summary>
    private const int SearchedBytes = 64 * 1024;

    public static Affinity Of(HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (request.Headers[SessionHeader] is [{ Length: > 0 } session])
        {
            return new Affinity(Hash.Of(session), ChoiceReason.Session);
        }

        var head = body[..Math.Min(body.Length, SearchedBytes)];
        var key = Text(head, "\"prompt_cache_key\":"u8);
        key = key.IsEmpty ? Text(head, "\"user\":"u8) : key;
        if (!key.IsEmpty)
        {
            return new Affinity(Hash.Of(key), ChoiceReason.Session);
        }

        var prompt = Value(body, head, "\"messages\":"u8);
        prompt = prompt.IsEmpty ? Value(body, head, "\"prompt\":"u8) : prompt;
        prompt = prompt.IsEmpty ? Value(body, head, "\"input\":"u8) : prompt;
        return prompt.Length < PrefixBytes ? default : new Affinity(Hash.Of(prompt[..PrefixBytes]), ChoiceReason.Prefix);
    }

    /// <summary>The text of the member, as it is written; empty where it is none.</summary>
    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> head, ReadOnlySpan<byte> member)
    {
        var value = Value(head, head, member);
        if (value.IsEmpty || value[0] != '"')
        {
            return [];
        }

        var end = value[1..].IndexOf((byte)'"');
        return end <= 0 ? [] : value.Slice(1, end);
    }

    /// <summary>From the member's value to the end of the body.</summary>
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> body, ReadOnlySpan<byte> head, ReadOnlySpan<byte> member)
    {
        var at = head.IndexOf(member);
        return at < 0 ? [] : body[(at + member.Length)..].TrimStart(" \t\r\n"u8);
    }
}
