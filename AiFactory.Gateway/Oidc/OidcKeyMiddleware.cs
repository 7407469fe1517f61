using AiFactory.Gateway.Sockets;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Oidc;

/// <summary>
/// Lets the first request whose token is signed with a new key wait until the provider has named that key, so that no user notices that keys change. It stands before
/// routing, whose model routes skip what comes behind it; all else about tokens is decided without waiting.
/// </summary>
internal sealed class OidcKeyMiddleware(RequestDelegate next, OidcProvider provider)
{
    private const string BearerPrefix = "Bearer ";

    public Task InvokeAsync(HttpContext context) =>
        TokenOf(context.Request.Headers) is { } token && TokenHead.TryRead(token, out var head, out _) && provider.State?.Knows(head.KeyId) != true
            ? WaitAsync(context, head.KeyId)
            : next(context);

    /// <summary>Null where there is none; API keys have no dot.</summary>
    private static string? TokenOf(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization;
        if (authorization.Count > 0)
        {
            return authorization is [{ } value] && value.Contains('.', StringComparison.Ordinal) && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
                ? value[BearerPrefix.Length..].Trim()
                : null;
        }

        // As a browser's WebSocket brings it.
        return headers.SecWebSocketProtocol.Count == 0 ? null : headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol)
            .FirstOrDefault(one => one.StartsWith(SocketHandler.KeyProtocol, StringComparison.Ordinal))?[SocketHandler.KeyProtocol.Length..];
    }

    private async Task WaitAsync(HttpContext context, string? keyId)
    {
        await provider.AskForUnknownKeyAsync(keyId).WaitAsync(context.RequestAborted);
        await next(context);
    }
}
