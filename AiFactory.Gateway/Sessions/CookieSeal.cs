using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>
/// Puts what only a gateway may read or write into a cookie: AES-256-GCM with a key of the factory's identity key, so that every gateway opens it, after a restart too, and
/// nothing has to be kept. A purpose's cookie is none for another purpose.
/// </summary>
internal sealed class CookieSeal(IOptions<IdentityOptions> identity)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(identity.Value.Key), 32, info: "aifactory console cookies"u8.ToArray());

    public string Seal<T>(string purpose, T value, JsonTypeInfo<T> type)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var whole = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(whole.AsSpan(0, NonceBytes), plain, whole.AsSpan(NonceBytes, plain.Length), whole.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(purpose));
        return Base64Url.EncodeToString(whole);
    }

    /// <summary>Null for whatever we did not seal for this purpose.</summary>
    public T? Open<T>(string purpose, string text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var whole = Base64Url.DecodeFromChars(text);
            if (whole.Length < NonceBytes + TagBytes)
            {
                return null;
            }

            var plain = new byte[whole.Length - NonceBytes - TagBytes];
            using var cipher = new AesGcm(_key, TagBytes);
            cipher.Decrypt(whole.AsSpan(0, NonceBytes), whole.AsSpan(NonceBytes, plain.Length), whole.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(purpose));
            return JsonSerializer.Deserialize(plain, type);
        }
        catch (Exception error) when (error is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }
}
