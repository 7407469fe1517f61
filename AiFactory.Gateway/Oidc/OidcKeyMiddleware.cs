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
        context.Request.Headers[HeaderNames.Authorization] is [{ } value] && value.Contains('.', StringComparison.Ordinal)
            && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) && !IsKnown(value.AsSpan(BearerPrefix.Length).Trim())
            ? WaitAsync(context)
            : next(context);

    private bool IsKnown(ReadOnlySpan<char> token) => !TokenHead.TryRead(token, out var head, out _) || provider.State?.Knows(head.KeyId) == true;

    private async Task WaitAsync(HttpContext context)
    {
        await provider.AskForUnknownKeyAsync().WaitAsync(context.RequestAborted);
        await next(context);
    }
}
