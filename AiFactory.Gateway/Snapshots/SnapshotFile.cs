using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Snapshots;

/// <summary>
/// The last snapshot on disk, from which a gateway starts when the library is away: one line with the length and a keyed hash, then the JSON.
/// <code>
/// aifactory-snapshot 1 1843 hmac-sha256:m3Zk...
/// {"version":17,"publishedAt":"2026-11-21T04:30:00+00:00","keys":[...],"deployments":[...]}
/// </code>
/// The hash is keyed with the factory's identity key: a torn file, an edited one and another factory's are all refused.
/// </summary>
internal sealed class SnapshotFile(IOptions<SnapshotOptions> options, IOptions<IdentityOptions> identity)
{
    private const string Magic = "aifactory-snapshot 1 ";
    private const string HashName = " hmac-sha256:";

    private readonly byte[] _key = Encoding.UTF8.GetBytes(identity.Value.Key);

    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.Path);

    /// <summary>Replaces the file: a crash at any point leaves the old one or the new one whole.</summary>
    public async Task WriteAsync(RoutingSnapshot snapshot, CancellationToken cancellationToken)
    {
        // 1. The file's text.
        var json = JsonSerializer.SerializeToUtf8Bytes(snapshot, SnapshotJson.Default.RoutingSnapshot);
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Magic}{json.Length}{HashName}{Hash(json)}\n"));

        // 2. A new file beside the old one, readable by this user only, and on the disk before it has the name.
        var folder = System.IO.Path.GetDirectoryName(Path) ?? throw new InvalidOperationException($"Snapshot:Path '{Path}' names no file.");
        CreateFolder(folder);
        var temporary = $"{Path}.new";
        File.Delete(temporary);
        await using (var file = new FileStream(temporary, NewFile()))
        {
            await file.WriteAsync(head, cancellationToken);
            await file.WriteAsync(json, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        // 3. The name.
        File.Move(temporary, Path, overwrite: true);
    }

    /// <summary>Null when there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is torn, edited, of another factory or of another form; the message says which.</exception>
    public async Task<RoutingSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(Path, cancellationToken);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        var json = Verify(bytes);
        try
        {
            return SnapshotJson.Verify(JsonSerializer.Deserialize(json.Span, SnapshotJson.Default.RoutingSnapshot));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"its content is of another form: {error.Message}", error);
        }
    }

    private ReadOnlyMemory<byte> Verify(byte[] bytes)
    {
        var end = bytes.AsSpan(0, Math.Min(bytes.Length, 256)).IndexOf((byte)'\n');
        if (end < 0 || !bytes.AsSpan(0, end).StartsWith("aifactory-snapshot 1 "u8))
        {
            throw new InvalidDataException("it does not begin as a snapshot of this version does");
        }

        var head = Encoding.ASCII.GetString(bytes, Magic.Length, end - Magic.Length).Split(HashName);
        var json = bytes.AsMemory(end + 1);
        if (head.Length != 2 || !int.TryParse(head[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            throw new InvalidDataException("its first line is not whole");
        }

        if (json.Length != length)
        {
            throw new InvalidDataException($"it is torn: {json.Length} bytes of {length}");
        }

        // Not a secret that a caller could guess at: an ordinary comparison would do, the fixed-time one costs nothing.
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(head[1]), Encoding.ASCII.GetBytes(Hash(json.Span))))
        {
            throw new InvalidDataException("its hash does not match: it was changed, or belongs to a factory with another identity key");
        }

        return json;
    }

    private string Hash(ReadOnlySpan<byte> json) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, json));

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
