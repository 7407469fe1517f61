using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>
/// Seals credentials for their rest in databases and files, and opens them where they are used: AES-256-GCM (NIST SP 800-38D) under a key that HKDF (RFC 5869) makes from the settings'.
/// <code>v1.5f0c11aa.base64url(nonce, 12 bytes; tag, 16; ciphertext)</code>
/// The second part tells the key without telling anything of it, so that another key is told from a text that was changed.
/// </summary>
public sealed class CredentialSeal
{
    private const string Version = "v1";
    private const int KeySize = 32;
    private const int KeyIdSize = 4;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly SealKey _key;
    private readonly SealKey[] _others;

    public CredentialSeal(IOptions<SecretsOptions> secrets, IOptions<IdentityOptions> identity)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(identity);
        _key = SealKey.Of(secrets.Value.Key.Length > 0 ? secrets.Value.Key : identity.Value.Key);
        _others = [.. secrets.Value.OtherKeys.Select(SealKey.Of)];
    }

    /// <param name="purpose">What it is for. It opens for the same purpose alone: a text that was put in another's place is refused.</param>
    public string Seal(string credential, string purpose)
    {
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentNullException.ThrowIfNull(purpose);
        var plain = Encoding.UTF8.GetBytes(credential);
        var whole = new byte[NonceSize + TagSize + plain.Length];
        var nonce = whole.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key.Bytes, TagSize);
        cipher.Encrypt(nonce, plain, whole.AsSpan(NonceSize + TagSize), whole.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        CryptographicOperations.ZeroMemory(plain);
        return $"{Version}.{_key.Id}.{Base64Url.EncodeToString(whole)}";
    }

    /// <param name="complaint">Why it does not open, and the way out; it shows nothing of what is sealed.</param>
    public bool TryOpen(string text, string purpose, [NotNullWhen(true)] out string? credential, [NotNullWhen(false)] out string? complaint)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(purpose);
        (credential, complaint) = (null, null);
        var parts = text.Split('.');
        if (parts.Length != 3 || parts[0] != Version || !Base64Url.IsValid(parts[2]) || Base64Url.DecodeFromChars(parts[2]) is not { Length: >= NonceSize + TagSize } whole)
        {
            complaint = "it is not sealed as this version of the factory seals credentials; set it anew";
            return false;
        }

        if (KeyOf(parts[1]) is not { } key)
        {
            complaint = "it was sealed with another key: Secrets:Key (where that is not set, Identity:Key) differs between the services, or was changed since; name the other one in Secrets:OtherKeys, or set the credential anew";
            return false;
        }

        var plain = new byte[whole.Length - NonceSize - TagSize];
        try
        {
            using var cipher = new AesGcm(key.Bytes, TagSize);
            cipher.Decrypt(whole.AsSpan(0, NonceSize), whole.AsSpan(NonceSize + TagSize), whole.AsSpan(NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(purpose));
            credential = Encoding.UTF8.GetString(plain);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            complaint = "it was changed, or sealed for another upstream or address; set it anew";
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Whether it was sealed with the own key.</summary>
    public bool IsOwn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith($"{Version}.{_key.Id}.", StringComparison.Ordinal);
    }

    /// <summary>Seals with the own key what opens with another one; false for all else.</summary>
    public bool TryReseal(string text, string purpose, [NotNullWhen(true)] out string? anew)
    {
        ArgumentNullException.ThrowIfNull(text);
        anew = !IsOwn(text) && TryOpen(text, purpose, out var credential, out _) ? Seal(credential, purpose) : null;
        return anew is not null;
    }

    private SealKey? KeyOf(string id) => id == _key.Id ? _key : Array.Find(_others, key => key.Id == id);

    private sealed record SealKey(string Id, byte[] Bytes)
    {
        public static SealKey Of(string setting)
        {
            var material = Encoding.UTF8.GetBytes(setting);
            return new SealKey(
                Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, material, KeyIdSize, info: "aifactory credentials, key id"u8.ToArray())),
                HKDF.DeriveKey(HashAlgorithmName.SHA256, material, KeySize, info: "aifactory credentials, key"u8.ToArray()));
        }
    }
}
