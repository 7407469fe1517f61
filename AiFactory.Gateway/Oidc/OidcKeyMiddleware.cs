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

    public Task InvokeAsync(HttpContext context)
    {
        var token = TokenOf(context.Request.Headers);
        return token.Contains('.') && TokenHead.TryRead(token, out var head, out _) && provider.State?.Knows(head.KeyId) != true
            ? WaitAsync(context, head.KeyId)
            : next(context);
    }

    /// <summary>A token or an API key, which has no dot; empty where there is none.</summary>
    private static ReadOnlySpan<char> TokenOf(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization;
        if (authorization.Count > 0)
        {
            return authorization is [{ } value] && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? value.AsSpan(BearerPrefix.Length).Trim() : [];
        }

        // As a browser's WebSocket brings it.
        foreach (var offered in headers.SecWebSocketProtocol.Count == 0 ? [] : headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol))
        {
            if (offered.StartsWith(SocketHandler.KeyProtocol, StringComparison.Ordinal))
            {
                return offered.AsSpan(SocketHandler.KeyProtocol.Length);
            }
        }

        return [];
    }

    private async Task WaitAsync(HttpContext context, string? keyId)
    {
        await provider.AskForUnknownKeyAsync(keyId).WaitAsync(context.RequestAborted);
        await next(context);
    }
}
