using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace AiFactory.Gateway.Oidc;

/// <summary>A public key of the provider's, from its JSON Web Key Set (RFC 7517): RSA of 2048 bits and more, or the curve P-256.</summary>
/// <remarks><code>{"kty":"RSA","use":"sig","kid":"2dcc298b","alg":"RS256","n":"xA0r...","e":"AQAB"}</code></remarks>
internal sealed class SigningKey
{
    public const string Rs256 = "RS256";
    public const string Ps256 = "PS256";
    public const string Es256 = "ES256";

    private const int ShortestModulusBytes = 256;

    /// <summary>An exponent of more would make each forged token costly to refuse.</summary>
    private const int LongestModulusBytes = 1024;
    private const int LongestExponentBytes = 4;
    private const int CurveBytes = 32;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _curve;
    private readonly string? _algorithm;

    private SigningKey(string? id, string? algorithm, RSAParameters? rsa, ECParameters? curve)
    {
        Id = id;
        _algorithm = algorithm;
        _rsa = rsa;
        _curve = curve;
    }

    public string? Id { get; }

    /// <summary>What makes it another key, for comparing two sets.</summary>
    public string Fingerprint => $"{Id} {_algorithm} {Convert.ToHexString(_rsa?.Modulus ?? _curve?.Q.X ?? [])}";

    /// <summary>Null for a key that verifies none of our three algorithms: a provider may have others, and keys for encryption.</summary>
    public static SigningKey? Read(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || (Text(key, "use") is { } use && use != "sig"))
        {
            return null;
        }

        var (id, algorithm) = (Text(key, "kid"), Text(key, "alg"));
        switch (Text(key, "kty"))
        {
            case "RSA" when Bytes(key, "n") is { Length: >= ShortestModulusBytes and <= LongestModulusBytes } modulus && Bytes(key, "e") is { Length: > 0 and <= LongestExponentBytes } exponent:
                return new SigningKey(id, algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent }, null);
            case "EC" when Text(key, "crv") == "P-256" && Bytes(key, "x") is { Length: CurveBytes } x && Bytes(key, "y") is { Length: CurveBytes } y:
                return new SigningKey(id, algorithm, null, new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            default:
                return null;
        }
    }

    /// <summary>The kind of key decides with the token's word: neither alone can make one pass for the other.</summary>
    public bool Fits(string algorithm) => (_algorithm is null || _algorithm == algorithm) && (algorithm == Es256 ? _curve is not null : _rsa is not null);

    /// <summary>Made anew each time, for these objects are not for several threads at once; a token that was verified is remembered.</summary>
    public bool Verify(string algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (algorithm == Es256 && _curve is { } curve)
            {
                using var ec = ECDsa.Create(curve);
                return ec.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }

            if (algorithm is Rs256 or Ps256 && _rsa is { } parameters)
            {
                using var rsa = RSA.Create(parameters);
                return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, algorithm == Rs256 ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss);
            }
        }
        catch (CryptographicException)
        {
            // A key that is no point of its curve verifies nothing.
        }

        return false;
    }

    private static string? Text(JsonElement key, string name) => key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement key, string name)
    {
        try
        {
            return Text(key, name) is { } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
