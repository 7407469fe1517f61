using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AiFactory.Gateway.Webhooks;

/// <summary>
/// Standard Webhooks' symmetric signature (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
/// <c>v1,</c> and the Base64 of HMAC-SHA256 over <c>{id}.{seconds}.{payload}</c>, one for each secret in force, with a space between.
/// </summary>
internal static class WebhookSignature
{
    /// <summary>Begins a secret; Base64 follows.</summary>
    private const string Prefix = "whsec_";

    private const int SecretBytes = 32;

    /// <summary>As its owner sees it.</summary>
    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    public static string Sign(string id, DateTimeOffset at, string payload, IEnumerable<string> secrets)
    {
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{payload}"));
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[Prefix.Length..]), signed))}"));
    }
}
