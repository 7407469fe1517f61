using System.Data.Common;
using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Adapters;

/// <summary>An adapter's file: an object of the store that this worker's models come from, or a file on its disk.</summary>
/// <param name="sources">None where the model is a file itself.</param>
internal sealed class AdapterFiles(IWeights weights, LocalWeights local, IEnumerable<IWeightsSource> sources, IOptions<AdapterOptions> options, IConfiguration configuration)
{
    /// <summary>What a store in a directory, which has no bucket, is called.</summary>
    private const string DirectoryBucket = "objects";

    /// <param name="isSetting">Whether the settings name it, and not a caller: these may name any file.</param>
    /// <returns>The file, held.</returns>
    /// <exception cref="WeightsException">It may not be named, or cannot be had; the message says why.</exception>
    public async Task<WeightsLease.File> AcquireAsync(string path, bool isSetting, CancellationToken cancellationToken)
    {
        try
        {
            return Parse(path) switch
            {
                ModelUri.S3 s3 => await FetchAsync(Part(s3.Digests, isSetting ? Key(s3) : Allowed(Key(s3))), cancellationToken),
                ModelUri.Local file => await local.AcquireAsync(Part(file.Digests, isSetting ? file.Path : Inside(file.Path)), _ => { }, cancellationToken),
                _ => throw new WeightsException("An adapter comes from s3://bucket/key or from a file."),
            };
        }
        catch (Exception error) when (error is FormatException or ObjectKeyException)
        {
            throw new WeightsException($"'{path}' is no adapter's place: {error.Message}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"'{path}' cannot be read.");
        }
    }

    /// <summary>The file of an adapter that a model had before, and gets again.</summary>
    /// <exception cref="WeightsException">It has changed since it was hashed: it would be served under the digest of another.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static async Task VerifyAsync(WeightsLease.File file, CancellationToken cancellationToken)
    {
        if ($"sha256:{await WeightsHash.OfAsync(file.Path, cancellationToken)}" is var now && now != file.Digest)
        {
            throw new WeightsException($"its file was changed: it has the digest {now}, and had {file.Digest} when it was loaded");
        }
    }

    private async Task<WeightsLease.File> FetchAsync(WeightsPart part, CancellationToken cancellationToken)
    {
        try
        {
            return await weights.AcquireAsync(part, _ => { }, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && StoreFault.Of(error, part.Name) is { } fault)
        {
            throw fault;
        }
    }

    private WeightsPart Part(IReadOnlyList<string> digests, string key) => digests.Count <= 1
        ? new WeightsPart(key, digests.Count == 1 ? digests[0] : "", 0) { MustRead = true, Limit = new WeightsLimit(options.Value.LargestBytes, $"{AdapterOptions.Section}:{nameof(AdapterOptions.LargestBytes)}") }
        : throw new WeightsException("An adapter is one file, and has one digest.");

    /// <summary>A caller names no object but an adapter's.</summary>
    private string Allowed(string key) => key.StartsWith(options.Value.Prefix, StringComparison.Ordinal)
        ? key
        : throw new WeightsException($"The object '{key}' is none that may be named: its key must begin with '{options.Value.Prefix}' ({AdapterOptions.Section}:{nameof(AdapterOptions.Prefix)}).");

    /// <summary>A path without a scheme is one in the folder.</summary>
    private ModelUri Parse(string path) =>
        options.Value.Folder is { Length: > 0 } folder && !path.Contains("://", StringComparison.Ordinal) && !Path.IsPathFullyQualified(path)
            ? ModelUri.Parse(Path.Combine(folder, path), allowHttp: false)
            : ModelUri.Parse(path, allowHttp: false);

    private string Key(ModelUri.S3 s3)
    {
        if (!sources.Any(source => source is ObjectStoreSource))
        {
            throw new WeightsException("This worker has no object store, for its model does not come from one: name a file in Adapters:Folder.");
        }

        var settings = new DbConnectionStringBuilder { ConnectionString = configuration.GetConnectionString(WeightsExtensions.ObjectStoreName) ?? "" };
        var bucket = settings.TryGetValue("Bucket", out var value) && value is string { Length: > 0 } named ? named : DirectoryBucket;
        return s3.Bucket == bucket ? s3.ObjectKey : throw new WeightsException($"The bucket '{s3.Bucket}' is not the one that this worker reads: name an object of s3://{bucket}/.");
    }

    /// <summary>A caller names nothing outside the folder, neither by .. nor by a link in it.</summary>
    private string Inside(string path)
    {
        if (options.Value.Folder is not { Length: > 0 } setting)
        {
            throw new WeightsException("No folder of adapters is set (Adapters:Folder): name an object by s3://bucket/key.");
        }

        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(setting));
        if (!IsIn(folder, path))
        {
            throw new WeightsException("The path is outside the folder of adapters: name a file in it (Adapters:Folder), or an object by s3://bucket/key.");
        }

        for (var part = path; part.Length > folder.Length; part = Path.GetDirectoryName(part) ?? "")
        {
            FileSystemInfo info = Directory.Exists(part) ? new DirectoryInfo(part) : new FileInfo(part);
            if (info.Exists && info.ResolveLinkTarget(returnFinalTarget: true) is { } target && !IsIn(folder, Path.GetFullPath(target.FullName)))
            {
                throw new WeightsException("The path leads by a link out of the folder of adapters.");
            }
        }

        return File.Exists(path) ? path : throw new WeightsException($"There is no file '{Path.GetRelativePath(folder, path)}' in the folder of adapters.");
    }

    private static bool IsIn(string folder, string path) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
