namespace AiFactory.Gateway.Images;

/// <summary>What an image is by its first bytes, whatever its service says of it; of other forms (SVG, which can have scripts) none is passed on from here.</summary>
/// <param name="Name">As it ends an address.</param>
internal sealed record ImageType(string Name, string Media)
{
    private static readonly ImageType Png = new("png", "image/png");
    private static readonly ImageType Jpeg = new("jpg", "image/jpeg");
    private static readonly ImageType WebP = new("webp", "image/webp");
    private static readonly ImageType[] All = [Png, Jpeg, WebP];

    public static ImageType? Of(ReadOnlySpan<byte> image) =>
        image.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? Png
        : image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg
        : image.Length > 12 && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8) ? WebP
        : null;

    public static ImageType? Find(string? name) => Array.Find(All, type => type.Name == name);
}
