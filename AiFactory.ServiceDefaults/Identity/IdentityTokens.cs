using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>
/// Issues and verifies internal identities: compact JWTs (RFC 7519) signed with HS256. Nothing else is accepted, so the header is a constant that is
/// compared and never parsed: there is no algorithm to confuse.
/// </summary>
/// <remarks>
/// A token, before Base64url:
/// <code>{"alg":"HS256","typ":"JWT"}.{"iss":"aifactory","aud":"service","sub":"key:0197","project":"default","fw":false,"roles":["viewer"],"perms":["models.read"],"iat":1,"exp":61}.signature</code>
/// </remarks>
public sealed class IdentityTokens
{
    /// <summary>Longer tokens are refused before anything else is looked at.</summary>
    public const int MaximumLength = 8 * 1024;

    private const string Issuer = "aifactory";

    /// <summary>Base64url of <c>{"alg":"HS256","typ":"JWT"}</c>.</summary>
    private const string Header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

    /// <summary>Clocks of two machines may differ by this much.</summary>
    private const long ClockSkewSeconds = 5;

    private readonly byte[] _key;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;

    public IdentityTokens(IOptions<IdentityOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _key = Encoding.UTF8.GetBytes(options.Value.Key);
        _lifetime = options.Value.Lifetime;
        _time = time;
    }

    /// <summary>A token for this identity.</summary>
    /// <param name="lifetime">How long it is valid; <see cref="IdentityOptions.Lifetime"/> when null.</param>
    /// <param name="audience">Whom it is for, one of <see cref="TokenAudiences"/>.</param>
    public string Issue(InternalIdentity identity, TimeSpan? lifetime = null, string audience = TokenAudiences.Service)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var now = _time.GetUtcNow();
        var claims = new IdentityClaims(
            Issuer,
            audience,
            identity.Subject,
            identity.Project,
            identity.FactoryWide,
            [.. identity.Roles],
            [.. identity.Permissions],
            identity.Deployment,
            identity.Link,
            identity.Projects is { } projects ? [.. projects] : null,
            now.ToUnixTimeSeconds(),
            (now + (lifetime ?? _lifetime)).ToUnixTimeSeconds());
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, IdentityJson.Default.IdentityClaims));
        var signed = $"{Header}.{payload}";
        if (signed.Length > MaximumLength - 64)
        {
            throw new ArgumentException($"The identity of '{identity.Subject}' makes a token of over {MaximumLength} bytes.", nameof(identity));
        }

        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Whether the token is one of ours, for this audience and still valid; it says no more, so that a forger learns nothing.</summary>
    public bool TryVerify(string token, [NotNullWhen(true)] out InternalIdentity? identity, string audience = TokenAudiences.Service)
    {
        // 1. The shape: at most 8 KiB, our header, three parts.
        identity = null;
        if (token is null || token.Length > MaximumLength || !token.StartsWith(Header + ".", StringComparison.Ordinal))
        {
            return false;
        }

        var second = token.IndexOf('.', Header.Length + 1);
        if (second < 0 || token.IndexOf('.', second + 1) >= 0)
        {
            return false;
        }

        // 2. The signature, in constant time, before any of the payload is read.
        if (!HasOurSignature(token.AsSpan(0, second), token.AsSpan(second + 1)))
        {
            return false;
        }

        // 3. The claims.
        if (ReadClaims(token.AsSpan(Header.Length + 1, second - Header.Length - 1)) is not { } claims || claims.Audience != audience || !IsCurrent(claims))
        {
            return false;
        }

        identity = new InternalIdentity(claims.Subject, claims.Project, claims.FactoryWide, claims.Roles, claims.Permissions)
        {
            Deployment = claims.Deployment,
            Link = claims.Link,
            Projects = claims.Projects,
        };
        return true;
    }

    private bool HasOurSignature(ReadOnlySpan<char> signed, ReadOnlySpan<char> signature)
    {
        // 32 bytes are 43 characters without padding; TryDecode would otherwise allow white space and padding.
        Span<byte> actual = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature.Length != 43
            || signature.ContainsAny("= \t\r\n")
            || !Base64Url.TryDecodeFromChars(signature, actual, out var written)
            || written != actual.Length)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[signed.Length];
        if (!Ascii.IsValid(signed))
        {
            return false;
        }

        Encoding.ASCII.GetBytes(signed, bytes);
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, bytes, expected);
        return CryptographicOperations.FixedTimeEquals(actual, expected);
    }

    private static IdentityClaims? ReadClaims(ReadOnlySpan<char> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(payload), IdentityJson.Default.IdentityClaims);
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    private bool IsCurrent(IdentityClaims claims)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        return claims.Issuer == Issuer
            && claims.IssuedAt <= now + ClockSkewSeconds
            && claims.ExpiresAt > now - ClockSkewSeconds;
    }
}
