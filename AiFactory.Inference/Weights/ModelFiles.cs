using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Weights;

/// <summary>All files of a model, and what an order left open: its digest and size, and the task that the file is for.</summary>
internal sealed class ModelFiles(IWeights weights)
{
    /// <returns>The order with nothing left open, and the files, held.</returns>
    /// <exception cref="WeightsException">They cannot be had; the message says why.</exception>
    /// <exception cref="GgufException">The first is no model.</exception>
    public async Task<(ModelAssignment Assignment, WeightsLease Lease)> AcquireAsync(ModelAssignment assignment, Action<double> progress, CancellationToken cancellationToken)
    {
        var parts = PartsOf(assignment);
        var files = new List<WeightsLease.File>();
        try
        {
            foreach (var part in parts)
            {
                var before = files.Count;
                files.Add(await weights.AcquireAsync(part, share => progress((before + share) / parts.Count), cancellationToken));
            }

            var lease = new WeightsLease(files);
            return (assignment with
            {
                Digest = assignment.Digest.Length > 0 && !assignment.Digest.Contains(',') ? assignment.Digest : DigestOf(files),
                SizeBytes = lease.SizeBytes,
                Task = assignment.Task.Length > 0 ? assignment.Task : ModelTaskRule.Of(GgufHeader.Read(lease.Path)),
            }, lease);
        }
        catch
        {
            files.ForEach(file => file.Hold.Dispose());
            throw;
        }
    }

    /// <summary>The parts that were ordered, or those that a name such as <c>chat-00001-of-00003.gguf</c> stands for: with a digest for each of them, or for none.</summary>
    private List<WeightsPart> PartsOf(ModelAssignment assignment)
    {
        if (assignment.Parts is { Count: > 0 } ordered)
        {
            return [.. ordered.Select(part => new WeightsPart(part.ObjectKey, part.Digest, part.SizeBytes))];
        }

        var key = weights.Resolve(assignment.ObjectKey);
        string[] keys = assignment.SizeBytes == 0 && SplitName.TryParse(key) is { } split ? [.. split.All()] : [key];
        string[] digests = assignment.Digest.Length > 0 ? assignment.Digest.Split(',') : [.. keys.Select(_ => "")];
        return digests.Length == keys.Length
            ? [.. keys.Zip(digests, (part, digest) => new WeightsPart(part, digest, assignment.SizeBytes))]
            : throw new WeightsException($"The model has {keys.Length} {(keys.Length == 1 ? "file" : "files")} and {digests.Length} {(digests.Length == 1 ? "digest" : "digests")}: give one for each file, with commas between them, or none.");
    }

    private static string DigestOf(List<WeightsLease.File> files) => files.Count == 1
        ? files[0].Digest
        : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => file.Digest)))))}";
}
