using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace AiFactory.Gateway.Oidc;

/// <summary>The shape and header of a signed token (RFC 7515, compact): <c>{"alg":"ES256","typ":"at+jwt","kid":"94ebfc42"}.{...}.signature</c>, each part in Base64url.</summary>
/// <param name="SignedLength">How many of the token's characters are signed.</param>
internal sealed record TokenHead(string Algorithm, string? KeyId, int HeaderLength, int SignedLength)
{
    /// <summary>Longer ones are refused before anything of them is read.</summary>
    public const int LongestToken = 8 * 1024;

    /// <summary>An encrypted token has five parts (RFC 7516): what is in it would be decompressed before anything of it is known.</summary>
    private const int PartsOfEncrypted = 5;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static bool TryRead(ReadOnlySpan<char> token, [NotNullWhen(true)] out TokenHead? head, out TokenFault fault)
    {
        // 1. The shape: three parts of the letters of Base64url, without padding or white space.
        head = null;
        if (token.Length > LongestToken)
        {
            fault = TokenFault.TooLong;
            return false;
        }

        var dots = token.Count('.');
        fault = dots == PartsOfEncrypted - 1 ? TokenFault.Encrypted : TokenFault.Malformed;
        if (dots != 2 || token.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        // 2. The header. Nothing in it is believed but which of our algorithms and of the provider's keys to try; where to find a key (jku, x5u, jwk) is not asked of a token.
        var first = token.IndexOf('.');
        if (!TryReadHeader(token[..first], out var algorithm, out var keyId))
        {
            return false;
        }

        if (algorithm is not (SigningKey.Rs256 or SigningKey.Ps256 or SigningKey.Es256))
        {
            fault = TokenFault.Algorithm;
            return false;
        }

        head = new TokenHead(algorithm, keyId, first, token.LastIndexOf('.'));
        return true;
    }

    private static bool TryReadHeader(ReadOnlySpan<char> encoded, out string? algorithm, out string? keyId)
    {
        (algorithm, keyId) = (null, null);
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(encoded));
            var root = header.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            foreach (var member in root.EnumerateObject())
            {
                switch (member.Name)
                {
                    // What must be understood is not; and of two words for one thing each reader may believe another.
                    case "crit":
                    case "b64":
                    case "alg" when algorithm is not null || member.Value.ValueKind != JsonValueKind.String:
                    case "kid" when keyId is not null || member.Value.ValueKind != JsonValueKind.String:
                        return false;
                    case "alg":
                        algorithm = member.Value.GetString();
                        break;
                    case "kid":
                        keyId = member.Value.GetString();
                        break;
                }
            }

            return algorithm is not null;
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
