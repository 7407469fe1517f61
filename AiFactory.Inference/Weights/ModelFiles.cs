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
                Digest = assignment.Digest.Length > 0 ? assignment.Digest : DigestOf(files),
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

    /// <summary>The parts that were ordered, or those that a name such as <c>chat-00001-of-00003.gguf</c> stands for.</summary>
    private List<WeightsPart> PartsOf(ModelAssignment assignment)
    {
        if (assignment.Parts is { Count: > 0 } ordered)
        {
            return [.. ordered.Select(part => new WeightsPart(part.ObjectKey, part.Digest, part.SizeBytes))];
        }

        var key = weights.Resolve(assignment.ObjectKey);
        if (assignment.SizeBytes > 0 || SplitName.TryParse(key) is not { Count: > 1 } split)
        {
            return [new WeightsPart(key, assignment.Digest, assignment.SizeBytes)];
        }

        return assignment.Digest.Length == 0
            ? [.. split.All().Select(part => new WeightsPart(part, "", 0))]
            : throw new WeightsException($"The model has {split.Count} files: give a digest for each of them, with commas between them, or none.");
    }

    private static string DigestOf(List<WeightsLease.File> files) => files.Count == 1
        ? files[0].Digest
        : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => file.Digest)))))}";
}
