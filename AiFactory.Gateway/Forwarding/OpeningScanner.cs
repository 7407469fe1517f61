namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Tells whether a 200 that has begun is an answer, without parsing it: many servers open the stream before they know that they can serve it.
/// <code>
/// : waiting
/// data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}
/// data: {"error":{"message":"CUDA out of memory","type":"server_error","code":500}}
/// event: error
/// </code>
/// </summary>
internal static class OpeningScanner
{
    public static AnswerOpening OfJson(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.TrimStart(" \t\r\n"u8);
        return bytes.IsEmpty ? AnswerOpening.Silent : "{[\"-0123456789tfn"u8.Contains(bytes[0]) ? AnswerOpening.Answer : AnswerOpening.Garbage;
    }

    /// <param name="bytes">All that has come.</param>
    public static AnswerOpening OfEvents(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!BeginsAsEvent(bytes))
            {
                return AnswerOpening.Garbage;
            }

            var (length, end) = FindEnd(bytes);
            if (length < 0)
            {
                // Cut within an event: the rest of it tells.
                return AnswerOpening.Silent;
            }

            var one = bytes[..length];
            if (IsError(one))
            {
                return AnswerOpening.Error;
            }

            if (!IsSilent(one))
            {
                return AnswerOpening.Answer;
            }

            bytes = bytes[end..];
        }

        return AnswerOpening.Silent;
    }

    /// <summary>The fields of https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.5, as far as they have come.</summary>
    private static bool BeginsAsEvent(ReadOnlySpan<byte> bytes) =>
        bytes[0] is (byte)':' or (byte)'\r' or (byte)'\n' || Begins(bytes, "data:"u8) || Begins(bytes, "event:"u8) || Begins(bytes, "id:"u8) || Begins(bytes, "retry:"u8);

    private static bool Begins(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> field) => bytes.Length < field.Length ? field.StartsWith(bytes) : bytes.StartsWith(field);

    private static (int Length, int End) FindEnd(ReadOnlySpan<byte> bytes)
    {
        var (lf, crlf) = (bytes.IndexOf("\n\n"u8), bytes.IndexOf("\r\n\r\n"u8));
        return crlf >= 0 && (lf < 0 || crlf < lf) ? (crlf, crlf + 4) : (lf, lf + 2);
    }

    /// <summary>An error that is the request's own fault is the client's to see: no other replica would judge it otherwise.</summary>
    private static bool IsError(ReadOnlySpan<byte> one)
    {
        var data = Data(one);
        var isError = one.StartsWith("event: error"u8) || data.StartsWith("{\"error\":{"u8) || data.StartsWith("{\"error\": {"u8) || data.StartsWith("{\"type\":\"error\""u8);
        return isError && one.IndexOf("invalid_request"u8) < 0 && one.IndexOf("\"code\":4"u8) < 0 && one.IndexOf("\"code\": 4"u8) < 0;
    }

    private static bool IsSilent(ReadOnlySpan<byte> one)
    {
        var data = Data(one);
        if (data.IsEmpty)
        {
            return true;
        }

        if (FirstTokenScanner.HasToken(one))
        {
            return false;
        }

        var opensChat = one.IndexOf("\"role\":"u8) >= 0 && one.IndexOf("\"finish_reason\":\""u8) < 0;
        var opensResponse = one.IndexOf("\"response.created\""u8) >= 0 || one.IndexOf("\"response.queued\""u8) >= 0 || one.IndexOf("\"response.in_progress\""u8) >= 0;
        return opensChat || opensResponse;
    }

    /// <summary>What follows the first <c>data:</c> of the event; empty where it has none.</summary>
    private static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> one)
    {
        var at = one.StartsWith("data:"u8) ? 0 : one.IndexOf("\ndata:"u8) + 1;
        return at == 0 && !one.StartsWith("data:"u8) ? [] : one[(at + "data:"u8.Length)..].TrimStart((byte)' ');
    }
}
