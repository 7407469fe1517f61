using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>Verifies signed tokens of the provider, and says nothing of one before its signature is known to be right.</summary>
internal sealed class TokenVerifier(IOptions<OidcOptions> options, TimeProvider time)
{
    /// <summary>The claims of a token whose signature, issuer and audience are right.</summary>
    /// <param name="fault">Of an expired token too, whose claims are given all the same: it is known whose it was.</param>
    /// <param name="accept">Looks at further claims.</param>
    public TokenClaims? Verify(ReadOnlySpan<char> token, ProviderState provider, string audience, out TokenFault? fault, Func<JsonElement, bool>? accept = null)
    {
        // 1. Shape and header.
        if (!TokenHead.TryRead(token, out var head, out var malformed))
        {
            fault = malformed;
            return null;
        }

        // 2. The signature, with the one key that the token names, or the only one that fits.
        fault = Check(token, head, provider);
        if (fault is not null)
        {
            return null;
        }

        // 3. The claims.
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token[(head.HeaderLength + 1)..head.SignedLength]));
            var claims = payload.RootElement.ValueKind == JsonValueKind.Object ? TokenClaims.Read(payload.RootElement, options.Value.GroupsClaim) : null;
            fault = claims is null || accept?.Invoke(payload.RootElement) == false ? TokenFault.Claims : Check(payload.RootElement, claims, provider.Document.Issuer, audience);
            return fault is null or TokenFault.Expired ? claims : null;
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            fault = TokenFault.Malformed;
            return null;
        }
    }

    private static TokenFault? Check(ReadOnlySpan<char> token, TokenHead head, ProviderState provider)
    {
        var candidates = provider.Keys.Where(key => key.Fits(head.Algorithm) && (head.KeyId is null || key.Id == head.KeyId)).ToArray();
        if (candidates.Length != 1)
        {
            return TokenFault.UnknownKey;
        }

        try
        {
            var signed = new byte[head.SignedLength];
            Encoding.ASCII.GetBytes(token[..head.SignedLength], signed);
            return candidates[0].Verify(head.Algorithm, signed, Base64Url.DecodeFromChars(token[(head.SignedLength + 1)..])) ? null : TokenFault.Signature;
        }
        catch (FormatException)
        {
            return TokenFault.Malformed;
        }
    }

    private TokenFault? Check(JsonElement payload, TokenClaims claims, string issuer, string audience)
    {
        if (!payload.TryGetProperty("iss"u8, out var said) || said.ValueKind != JsonValueKind.String || !said.ValueEquals(issuer))
        {
            return TokenFault.Issuer;
        }

        if (!TokenClaims.IsFor(payload, audience))
        {
            return TokenFault.Audience;
        }

        var now = time.GetUtcNow();
        return claims.ExpiresAt + options.Value.ClockSkew <= now ? TokenFault.Expired
            : TokenClaims.ReadTime(payload, "nbf") is { } start && start - options.Value.ClockSkew > now ? TokenFault.NotYetValid
            : null;
    }
}
