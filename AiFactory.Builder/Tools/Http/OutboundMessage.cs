using System.Collections.Frozen;
using System.Net.Http.Headers;
using System.Text;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Tools.Http;

/// <summary>An author's request as an HTTP message, without the headers that frame the message or belong to the connection.</summary>
internal static class OutboundMessage
{
    private static readonly FrozenSet<string> Framing = new[]
    {
        "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Proxy-Authorization", "Proxy-Connection",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with a header, in a sentence; null when nothing is.</summary>
    internal static string? Complaint(string name, string value)
    {
        if (name.Length == 0 || !name.All(character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character)))
        {
            return $"'{name}' is not a header's name.";
        }

        if (Framing.Contains(name))
        {
            return $"The header '{name}' is set by the factory.";
        }

        return value.Any(char.IsControl) ? $"The value of the header '{name}' has control characters." : null;
    }

    internal static HttpRequestMessage Create(OutboundRequest request, Uri target, bool withHeaders)
    {
        var message = new HttpRequestMessage(request.Method, target);
        if (request.Body is { } body)
        {
            message.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType ?? "text/plain" : "text/plain");
        }

        message.Headers.TryAddWithoutValidation("User-Agent", "AiFactory");
        if (withHeaders)
        {
            foreach (var (name, value) in request.Headers)
            {
                Add(message, name, value);
            }
        }

        return message;
    }

    private static void Add(HttpRequestMessage message, string name, string value)
    {
        if (Complaint(name, value) is { } complaint)
        {
            throw new OutboundException(complaint, isTransient: false);
        }

        message.Headers.Remove(name);
        if (!message.Headers.TryAddWithoutValidation(name, value))
        {
            message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
