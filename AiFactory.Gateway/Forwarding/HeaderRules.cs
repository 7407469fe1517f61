using System.Collections.Frozen;
using AiFactory.Contracts;
using Microsoft.Extensions.Primitives;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Which headers pass through. Those of one connection only never do (RFC 9110, section 7.6.1), nor credentials, nor what only we may say.</summary>
internal static class HeaderRules
{
    private const string Internal = "x-aifactory-";

    private static readonly string[] HopByHop =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    ];

    /// <summary>Host, length and expectation are of our own request; tracing, the request id, the question for the load and the time that is left are set anew; an encoding would hide the answer's usage.</summary>
    private static readonly FrozenSet<string> NotToModels = Set(
        ["Host", "Content-Length", "Content-Encoding", "Expect", "Authorization", "Cookie", "x-api-key", "x-request-id", "traceparent", "tracestate", "baggage", "Accept-Encoding", WireHeaders.LoadFormat, WireHeaders.FirstTokenMilliseconds]);

    private static readonly FrozenSet<string> NotToServices = Set(
        ["Host", "Content-Length", "Expect", "Authorization", "Cookie", "x-api-key", "x-request-id", "traceparent", "tracestate", "baggage"]);

    private static readonly FrozenSet<string> NotToClients = Set(["Server", "Date", "x-request-id", "Set-Cookie", "Alt-Svc", WireHeaders.Load]);

    public static bool PassesToModel(string name) => Passes(name, NotToModels);

    public static bool PassesToService(string name) => Passes(name, NotToServices);

    public static bool PassesToClient(string name) => Passes(name, NotToClients);

    /// <summary>Whether the Connection header names this one, which makes it one of this connection only.</summary>
    public static bool IsNamedBy(StringValues connection, string name)
    {
        if (connection.Count == 0 || (connection.Count == 1 && connection[0] is "keep-alive" or "Keep-Alive" or "close"))
        {
            return false;
        }

        foreach (var value in connection)
        {
            foreach (var option in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[option].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Passes(string name, FrozenSet<string> refused) =>
        !refused.Contains(name) && !name.StartsWith(Internal, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string> Set(string[] own) => HopByHop.Concat(own).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
