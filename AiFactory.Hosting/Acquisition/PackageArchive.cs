using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace AiFactory.Hosting.Acquisition;

/// <summary>A downloaded archive and the digest that npm recorded for it.</summary>
internal sealed record PackageArchive(string Path, string Integrity)
{
    /// <summary>
    /// Compares the file with the digest pinned in <see cref="NpmPackages"/>, or where none is pinned with npm's record.
    /// The format is that of Subresource Integrity, https://www.w3.org/TR/SRI/: <c>sha512-{base64}</c>.
    /// </summary>
    public static async Task VerifyAsync(PackageArchive archive, NpmPackage package, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive.Path);
        var actual = $"sha512-{Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken))}";
        var expected = package.Integrity ?? archive.Integrity;
        if (actual != expected)
        {
            throw new PackageUnavailableException($"{package} has the wrong digest and was thrown away: {actual}, expected {expected}.");
        }
    }

    /// <summary>
    /// Unpacks into a new folder and returns the package's own folder in it: archives of npm hold one, usually named <c>package</c>.
    /// Entries that would leave the folder are refused by the reader.
    /// </summary>
    public static async Task<string> UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await using var file = File.OpenRead(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(unzipped, folder, overwriteFiles: false, cancellationToken);
        return Directory.GetDirectories(folder) is [var only]
            ? only
            : throw new PackageUnavailableException("The archive is not one of npm: it should hold exactly one folder.");
    }
}
