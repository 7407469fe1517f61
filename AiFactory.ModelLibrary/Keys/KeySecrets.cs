using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.ModelLibrary.Keys;

/// <summary>API keys: <c>aif_</c> and 43 random characters of base62 (256 bits). Only their SHA-256 is kept: so much randomness needs no slow hash.</summary>
internal static partial class KeySecrets
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int PrefixLength = 12;

    internal static string Create() => "aif_" + RandomNumberGenerator.GetString(Alphabet, 43);

    internal static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>What may be shown: <c>aif_Ab3dEf9h</c>; less of a short key, so that what is hidden stays the larger part.</summary>
    internal static string Prefix(string secret) => secret[..Math.Min(PrefixLength, 4 + ((secret.Length - 4) / 4))];

    /// <summary>For a key that the settings bring: 8 to 200 characters behind <c>aif_</c>.</summary>
    internal static bool IsAcceptable(string secret) => Acceptable().IsMatch(secret);

    [GeneratedRegex(@"\Aaif_[0-9A-Za-z_-]{8,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Acceptable();
}
