using System.Security.Cryptography;
using System.Text;
using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Weights.Quantization;

/// <summary>
/// Weights of 16 or 32 bits in fewer, made once by llama.cpp on this machine and kept in the cache beside what was fetched: under the digest of what was made, which <c>known/{hex}</c> holds by the hash of
/// the source's digest, the quantization and llama.cpp's release. They make room, and are made room for, as all others.
/// </summary>
internal sealed partial class QuantizedWeights(VerifiedFiles verified, IOptions<WeightsOptions> options, TimeProvider time, ILogger<QuantizedWeights> logger)
{
    private const uint F32 = 0, F16 = 1, BF16 = 30;

    /// <summary>What the header takes, and what stays in its own bits (norms, biases).</summary>
    private const double Allowance = 1.1;

    private readonly string _directory = Path.Combine(options.Value.EffectiveDirectory, "sha256");
    private readonly string _locks = Path.Combine(options.Value.EffectiveDirectory, "locks");
    private readonly string _known = Path.Combine(options.Value.EffectiveDirectory, "known");
    private readonly WeightsRoom _room = new(options.Value, time, logger);

    /// <summary>What was packed of a source before, which need not be here.</summary>
    /// <param name="digest">The source's.</param>
    public async Task<WeightsLease?> TryFindAsync(string digest, string quantization, CancellationToken cancellationToken)
    {
        var name = NameOf(digest, QuantizationKind.Of(quantization));
        if (!File.Exists(Path.Combine(_known, name)))
        {
            return null;
        }

        using var turn = await FileLock.TakeAsync(Path.Combine(_locks, name), time, cancellationToken);
        return await FindNotedAsync(name, cancellationToken);
    }

    /// <param name="source">Held by the caller, who lets it go.</param>
    /// <param name="make">Runs what may end the process, as loading does.</param>
    /// <exception cref="WeightsException">They cannot be quantised; the message says why.</exception>
    /// <exception cref="GgufException">They would end the process.</exception>
    public async Task<WeightsLease> AcquireAsync(WeightsLease source, string digest, string quantization, int threads, Func<Action, Task> make, CancellationToken cancellationToken)
    {
        var kind = QuantizationKind.Of(quantization);
        foreach (var folder in (string[])[_directory, _locks, _known])
        {
            Directory.CreateDirectory(folder);
        }

        var name = NameOf(digest, kind);
        using var turn = await FileLock.TakeAsync(Path.Combine(_locks, name), time, cancellationToken);
        if (await FindNotedAsync(name, cancellationToken) is { } made)
        {
            return made;
        }

        var size = Estimate(source, kind);
        var partial = Path.Combine(_directory, $"{name}.partial");
        // llama.cpp begins with an empty file, and would give back the room that was taken.
        var packing = WeightsRoom.Packing(partial);
        File.Delete(packing);
        await _room.TakeAsync(size, name, cancellationToken);
        try
        {
            await make(() => LlamaQuantizer.Quantize(source.Path, packing, kind.FileType, threads));
            using (var whole = File.OpenHandle(packing, FileMode.Open, FileAccess.ReadWrite))
            {
                // The mark that follows must not be on the disk before the bytes are.
                RandomAccess.FlushToDisk(whole);
            }

            var sha256 = await WeightsHash.OfAsync(packing, cancellationToken);
            var path = Path.Combine(_directory, $"{sha256}.gguf");
            File.Move(packing, path, overwrite: true);
            await File.WriteAllTextAsync(Path.Combine(_known, name), $"sha256:{sha256}", cancellationToken);
            verified.Note(path, $"sha256:{sha256}");
            var lease = Lease(path, new VerifiedFile($"sha256:{sha256}", null));
            LogMade(logger, digest, kind.Name, source.SizeBytes, lease.SizeBytes);
            return lease;
        }
        finally
        {
            File.Delete(packing);
            File.Delete(partial);
        }
    }

    private static string NameOf(string digest, QuantizationKind kind) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{digest}\n{kind.Name}\n{LlamaRuntime.Release}")));

    private async Task<WeightsLease?> FindNotedAsync(string name, CancellationToken cancellationToken)
    {
        var note = Path.Combine(_known, name);
        return File.Exists(note) ? await FindAsync((await File.ReadAllTextAsync(note, cancellationToken)).Trim(), cancellationToken) : null;
    }

    private async Task<WeightsLease?> FindAsync(string digest, CancellationToken cancellationToken)
    {
        if (!ModelUri.IsDigest(digest))
        {
            return null;
        }

        var path = Path.Combine(_directory, $"{digest["sha256:".Length..]}.gguf");
        if (!File.Exists(path))
        {
            return null;
        }

        var found = await verified.ProveAsync(path, isOurs: true, mustRead: false, cancellationToken);
        if (found.Digest == digest)
        {
            return Lease(path, found);
        }

        verified.Forget(path);
        return null;
    }

    private static WeightsLease Lease(string path, VerifiedFile file) =>
        new([new WeightsLease.File(path, file.Digest, new FileInfo(path).Length, FileLock.Share(path)) { Unread = file.Unread }]);

    /// <summary>Bytes that the result has at most.</summary>
    private static long Estimate(WeightsLease source, QuantizationKind kind)
    {
        if (source.Files.Count > 1)
        {
            throw new WeightsException($"The model comes in {source.Files.Count} files: only one of a single file can be quantised here. Quantise it before it comes in, or deploy it as it is.");
        }

        // llama.cpp asserts while it packs as it does while it loads.
        var header = GgufHeader.Read(source.Path);
        GgufRules.Check([header]);
        var tensors = header.Tensors;
        if (tensors.FirstOrDefault(tensor => tensor.Dimensions.Count > 1 && tensor.Type is not (F32 or F16 or BF16)) is { } packed)
        {
            throw new WeightsException($"The weights are quantised already ('{packed.Name}' among them): only weights of 16 or 32 bits can be quantised. Deploy them as they are.");
        }

        return (long)(tensors.Sum(tensor => tensor.Dimensions.Count > 1 ? tensor.Dimensions.Aggregate(1L, (product, dimension) => product * dimension) * kind.BitsPerWeight / 8 : tensor.Size) * Allowance)
            + (source.SizeBytes - tensors.Sum(tensor => tensor.Size));
    }

    [LoggerMessage(3207, LogLevel.Information, "Quantised {Digest} to {Quantization}: {Before} bytes became {After}")]
    private static partial void LogMade(ILogger logger, string digest, string quantization, long before, long after);
}
