using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.Gateway.Tests.Oidc;

/// <summary>Tokens that no provider makes: what a genuine one says, changed, under whatever signature.</summary>
internal sealed class ForgedTokens(string genuine, JsonElement providerKeys)
{
    private readonly JsonElement _rsa = providerKeys.EnumerateArray().First(key => key.GetProperty("kty").GetString() == "RSA");

    public string RsaKeyId => Text("kid");

    /// <summary>The genuine one's.</summary>
    public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeSeconds(JsonDocument.Parse(Base64Url.DecodeFromChars(genuine.Split('.')[1])).RootElement.GetProperty("exp").GetInt64());

    /// <summary>Three parts with a signature that says nothing.</summary>
    public string Unsigned(string header) => $"{Encode(header)}.{genuine.Split('.')[1]}.{genuine.Split('.')[2]}";

    public string None(string name) => $"{Encode($$"""{"alg":"{{name}}","typ":"at+jwt"}""")}.{genuine.Split('.')[1]}.";

    /// <summary>The attack on verifiers that take the algorithm from the token and the key from the provider: the public key, which everybody has, as a secret.</summary>
    public IEnumerable<string> WithPublicKeyAsSecret()
    {
        using var rsa = Rsa();
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem() + "\n"), rsa.ExportSubjectPublicKeyInfo(), rsa.ExportRSAPublicKey(),
            Encoding.ASCII.GetBytes(Text("n")), Base64Url.DecodeFromChars(Text("n")), [],
        ];
        foreach (var secret in secrets)
        {
            var signed = $"{Encode($$"""{"alg":"HS256","kid":"{{RsaKeyId}}"}""")}.{genuine.Split('.')[1]}";
            yield return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
        }
    }

    /// <summary>Signed with the provider's own RSA key.</summary>
    /// <param name="change">Of the claims.</param>
    /// <param name="key">Another key, in place of the provider's.</param>
    public string Signed(Action<JsonObject>? change = null, string? header = null, RSA? key = null)
    {
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(genuine.Split('.')[1]))!.AsObject(); // a genuine one has them
        change?.Invoke(claims);
        var signed = $"{Encode(header ?? $$"""{"alg":"RS256","kid":"{{RsaKeyId}}"}""")}.{Encode(claims.ToJsonString())}";
        using var own = Rsa();
        return $"{signed}.{Base64Url.EncodeToString((key ?? own).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private RSA Rsa() => RSA.Create(new RSAParameters
    {
        Modulus = Bytes("n"), Exponent = Bytes("e"), D = Bytes("d"), P = Bytes("p"), Q = Bytes("q"), DP = Bytes("dp"), DQ = Bytes("dq"), InverseQ = Bytes("qi"),
    });

    private byte[] Bytes(string name) => Base64Url.DecodeFromChars(Text(name));

    private string Text(string name) => _rsa.GetProperty(name).GetString() ?? "";
}
