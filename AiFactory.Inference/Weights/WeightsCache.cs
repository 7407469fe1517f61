using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Weights;

/// <summary>
/// Weights on disk, named by their digest: <c>{directory}/sha256/{hex}.gguf</c>, and <c>{hex}.partial</c> with <c>{hex}.ranges</c> on the way. A file under its final name was verified
/// and moved there whole; whether it still is what it was then, <see cref="VerifiedFiles"/> says. Processes that share the folder agree by locks: <c>locks/{hex}</c>, held while
/// one fetches, verifies or deletes, and a shared lock on the file itself, held while a model uses it. Where nobody said the digest, <c>known/{hex}</c> keeps what it was,
/// by the hash of the object's key, ETag and size.
/// </summary>
internal sealed partial class WeightsCache(IWeightsSource source, VerifiedFiles verified, IOptions<WeightsOptions> options, TimeProvider time, ILogger<WeightsCache> logger) : IWeights
{
    private readonly string _directory = Path.Combine(options.Value.EffectiveDirectory, "sha256");
    private readonly string _locks = Path.Combine(options.Value.EffectiveDirectory, "locks");
    private readonly string _known = Path.Combine(options.Value.EffectiveDirectory, "known");
    private readonly WeightsRoom _room = new(options.Value, time, logger);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _flights = new(StringComparer.Ordinal);

    /// <summary>The file, fetched when it is not here. Callers for one digest share one download, other processes with the same folder among them.</summary>
    public async Task<WeightsLease.File> AcquireAsync(WeightsPart part, Action<double> progress, CancellationToken cancellationToken)
    {
        foreach (var folder in (string[])[_directory, _locks, _known])
        {
            Directory.CreateDirectory(folder);
        }

        return part.Digest.Length > 0
            ? await AcquireAsync(ParseDigest(part.Digest), part, null, progress, cancellationToken)
            : await AcquireUnknownAsync(part, progress, cancellationToken);
    }

    private async Task<WeightsLease.File> AcquireAsync(string sha256, WeightsPart part, ObjectInfo? info, Action<double> progress, CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(sha256, cancellationToken);
        var path = FinalPath(sha256);
        if (await TryUseAsync(path, sha256, part, cancellationToken) is { } file)
        {
            part.Limit?.Check(part.Name, new FileInfo(path).Length);
            return Lease(path, file);
        }

        await FetchAsync(path, sha256, info ?? await HeadAsync(part, cancellationToken), progress, cancellationToken);
        return LeaseNew(path, sha256);
    }

    /// <summary>Nobody said the digest: it is computed on the way, said in the log, and remembered for this very version of the object.</summary>
    private async Task<WeightsLease.File> AcquireUnknownAsync(WeightsPart part, Action<double> progress, CancellationToken cancellationToken)
    {
        var info = await HeadAsync(part, cancellationToken);
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ModelUri.WithoutSignature(part.Key)}\n{info.ETag}\n{info.Size}")));
        using var turn = await TakeTurnAsync(version, cancellationToken);
        var note = Path.Combine(_known, version);
        if (File.Exists(note) && ModelUri.IsDigest(await File.ReadAllTextAsync(note, cancellationToken)))
        {
            var known = (await File.ReadAllTextAsync(note, cancellationToken))["sha256:".Length..];
            LogComputed(logger, part.Name, known);
            return await AcquireAsync(known, part, info, progress, cancellationToken);
        }

        var (partial, map) = Partials(version);
        await _room.TakeAsync(info.Size, version, cancellationToken);
        var sha256 = await Download(info, partial, map).FetchAsync(progress, cancellationToken);
        File.Move(partial, FinalPath(sha256), overwrite: true);
        File.Delete(map);
        await File.WriteAllTextAsync(note, $"sha256:{sha256}", cancellationToken);
        LogComputed(logger, part.Name, sha256);
        return LeaseNew(FinalPath(sha256), sha256);
    }

    private WeightsLease.File LeaseNew(string path, string sha256)
    {
        verified.Note(path, $"sha256:{sha256}");
        return Lease(path, new VerifiedFile($"sha256:{sha256}", null));
    }

    private static WeightsLease.File Lease(string path, VerifiedFile file) => new(path, file.Digest, new FileInfo(path).Length, FileLock.Share(path)) { Unread = file.Unread };

    /// <summary>What is damaged is deleted, unless a model uses it: then what is fetched takes its name, and the model keeps what it has.</summary>
    /// <returns>Null when it is not here, or was damaged.</returns>
    /// <exception cref="WeightsException">The order is wrong about the size, which is no fault of the file's.</exception>
    private async Task<VerifiedFile?> TryUseAsync(string path, string sha256, WeightsPart part, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        var found = await verified.ProveAsync(path, isOurs: true, part.MustRead, cancellationToken);
        if (found.Digest == $"sha256:{sha256}")
        {
            return part.SizeBytes == 0 || file.Length == part.SizeBytes ? found : throw new WeightsException($"The weights sha256:{sha256} have {file.Length} bytes, the deployment says {part.SizeBytes}.");
        }

        LogCorrupt(logger, path);
        verified.Forget(path);
        using var free = FileLock.TryTake(path, mustExist: true);
        if (free is not null)
        {
            file.Delete();
        }

        return null;
    }

    private async Task FetchAsync(string path, string sha256, ObjectInfo info, Action<double> progress, CancellationToken cancellationToken)
    {
        var (partial, map) = Partials(sha256);
        var resumed = File.Exists(map);
        await _room.TakeAsync(info.Size, sha256, cancellationToken);
        if (await Download(info, partial, map).FetchAsync(progress, cancellationToken) != sha256)
        {
            // What an earlier attempt left may have been the fault: once more from the start.
            Forget(partial, map);
            if (!resumed || await Download(info, partial, map).FetchAsync(progress, cancellationToken) != sha256)
            {
                Forget(partial, map);
                throw new WeightsException($"The object '{ModelUri.WithoutSecrets(info.Key)}' does not have the digest sha256:{sha256}: it was changed or damaged, and is not used.");
            }
        }

        File.Move(partial, path, overwrite: true);
        File.Delete(map);
    }

    private async Task<ObjectInfo> HeadAsync(WeightsPart part, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(options.Value.IdleTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        ObjectInfo info;
        try
        {
            info = await source.HeadAsync(part.Key, both.Token) ?? throw WeightsDownload.Gone(part.Name);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WeightsException($"The source of '{part.Name}' was silent for {options.Value.IdleTimeout}.", WeightsFault.Unreachable);
        }

        part.Limit?.Check(part.Name, info.Size);
        return part.SizeBytes == 0 || info.Size == part.SizeBytes
            ? info with { Key = part.Key }
            : throw new WeightsException($"The object '{part.Name}' has {info.Size} bytes, the deployment says {part.SizeBytes}.");
    }

    private WeightsDownload Download(ObjectInfo info, string partial, string map) => new(source, info.Key, info, partial, map, options.Value, time, logger);

    private async Task<IDisposable> TakeTurnAsync(string name, CancellationToken cancellationToken)
    {
        var flight = _flights.GetOrAdd(name, _ => new SemaphoreSlim(1, 1));
        await flight.WaitAsync(cancellationToken);
        try
        {
            return new Turn(flight, await FileLock.TakeAsync(Path.Combine(_locks, name), time, cancellationToken));
        }
        catch
        {
            flight.Release();
            throw;
        }
    }

    private string FinalPath(string sha256) => Path.Combine(_directory, $"{sha256}.gguf");

    private (string Partial, string Map) Partials(string name) => (Path.Combine(_directory, $"{name}.partial"), Path.Combine(_directory, $"{name}.ranges"));

    private static void Forget(string partial, string map)
    {
        File.Delete(map);
        File.Delete(partial);
    }

    /// <summary>The digest becomes a file's name: nothing but 64 digits of hex may.</summary>
    private static string ParseDigest(string digest) => ModelUri.IsDigest(digest)
        ? digest["sha256:".Length..]
        : throw new WeightsException($"'{digest}' is no digest: sha256: and 64 digits of lower-case hex are expected.");

    private sealed class Turn(SemaphoreSlim flight, IDisposable held) : IDisposable
    {
        public void Dispose()
        {
            held.Dispose();
            flight.Release();
        }
    }

    [LoggerMessage(3202, LogLevel.Warning, "{Path} is damaged: fetching it again")]
    private static partial void LogCorrupt(ILogger logger, string path);

    [LoggerMessage(3204, LogLevel.Information, "{ObjectKey} has the digest sha256:{Sha256}: nobody said which it must have")]
    private static partial void LogComputed(ILogger logger, string objectKey, string sha256);
}
