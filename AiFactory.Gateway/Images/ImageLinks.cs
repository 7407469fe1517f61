using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Sessions;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Images;

/// <summary>
/// Addresses of images, which whoever has one can call until it expires, without a key: browsers and chats show them. Every gateway knows them, for they are signed with what all have.
/// <code>https://ai.example.com/v1/images/0197....png?expires=1763810000&amp;signature=5f0c...</code>
/// </summary>
internal sealed class ImageLinks(IOptions<IdentityOptions> identity, IOptions<ConsoleOptions> console, TimeProvider time)
{
    private const int KeySize = 32;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(identity.Value.Key), KeySize, info: "aifactory image links"u8.ToArray());
    private readonly string? _place = console.Value.PublicUrl?.TrimEnd('/');

    public string Of(HttpRequest request, Guid id, ImageType type, DateTimeOffset expiresAt)
    {
        var expires = expiresAt.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"{_place ?? $"{request.Scheme}://{request.Host}"}/v1/images/{id:n}.{type.Name}?expires={expires}&signature={Sign(id, type, expires)}");
    }

    /// <returns>Why it cannot be called; null where it can.</returns>
    public OpenAIError? Check(Guid id, ImageType type, string? expires, string? signature)
    {
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature ?? ""), Encoding.UTF8.GetBytes(Sign(id, type, until))))
        {
            return Refused("The image's address is not as it was given out.", "invalid_image_link");
        }

        return until <= time.GetUtcNow().ToUnixTimeSeconds() ? Refused("The image's address has expired: ask for the image anew.", "image_link_expired") : null;
    }

    private string Sign(Guid id, ImageType type, long expires) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id:n}.{type.Name} {expires}"))));

    private static OpenAIError Refused(string message, string code) => OpenAIError.Of(StatusCodes.Status403Forbidden, message, "invalid_request_error", code: code);
}
