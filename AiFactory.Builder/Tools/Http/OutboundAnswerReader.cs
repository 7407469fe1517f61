using System.Text;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Tools.Http;

/// <summary>Reads an answer as text, up to a limit that counts the bytes after decompression.</summary>
internal sealed class OutboundAnswerReader(int limit)
{
    internal async Task<OutboundAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType;
        var buffer = new byte[limit + 1];
        var length = 0;
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (length <= limit)
        {
            var read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return new OutboundAnswer((int)response.StatusCode, type?.MediaType, Decode(buffer.AsSpan(0, length), type?.MediaType, type?.CharSet));
            }

            length += read;
        }

        throw new OutboundException($"The answer is larger than the {limit / 1024} KB that a tool may give.", isTransient: false);
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string? type, string? charset)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        if (type is not null && !IsText(type))
        {
            throw new OutboundException($"The answer is {type}, which is no text.", isTransient: false);
        }

        return Charset(charset).GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
    }

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
        || type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
        || type.ToLowerInvariant() is "application/json" or "application/xml" or "application/x-ndjson" or "application/javascript" or "application/yaml"
            or "application/x-www-form-urlencoded" or "application/problem+json";

    private static Encoding Charset(string? charset)
    {
        try
        {
            return charset is null ? Encoding.UTF8 : Encoding.GetEncoding(charset.Trim('"'));
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
