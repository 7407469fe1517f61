using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.Inference.Weights.Quantization;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>The files that a deployment serves: those that were ordered, or what is packed from them.</summary>
internal sealed class DeploymentFiles(ModelFiles files, QuantizedWeights quantized, VerifiedFiles verified, LoadGuard guard, IOptions<EngineOptions> engine)
{
    /// <summary>1. What was packed before is here: its source is not asked for. 2. Else fetch. 3. Pack, where the order says so; the source is let go.</summary>
    /// <param name="tell">Told the state, the share of it and a message.</param>
    /// <returns>The order with nothing left open, and the files, held.</returns>
    /// <exception cref="WeightsException">They cannot be had; the message says why.</exception>
    /// <exception cref="GgufException">The first is no model.</exception>
    public async Task<(ModelAssignment Assignment, WeightsLease Lease)> AcquireAsync(ModelAssignment assignment, Action<string, double?, string?> tell, CancellationToken cancellationToken)
    {
        if (assignment.Quantization is { } known && ModelUri.IsDigest(assignment.Digest) && await quantized.TryFindAsync(assignment.Digest, known, cancellationToken) is { } packed)
        {
            return (assignment with { Task = assignment.Task.Length > 0 ? assignment.Task : ModelTaskRule.Of(GgufHeader.Read(packed.Path)) }, packed);
        }

        tell(WorkerModelStates.Fetching, 0, null);
        (assignment, var source) = await files.AcquireAsync(assignment, progress => tell(WorkerModelStates.Fetching, progress, null), cancellationToken);
        if (assignment.Quantization is not { } quantization)
        {
            return (assignment, source);
        }

        using (source)
        {
            tell(WorkerModelStates.Loading, null, $"It is quantised to {quantization}.");
            return (assignment, await quantized.AcquireAsync(
                source,
                assignment.Digest,
                quantization,
                engine.Value.EffectiveThreads,
                pack => guard.PackAsync(assignment.Digest, pack, cancellationToken),
                cancellationToken));
        }
    }

    /// <inheritdoc cref="VerifiedFiles.AreStillAsync"/>
    public Task<bool> AreStillAsync(WeightsLease held, CancellationToken cancellationToken) => verified.AreStillAsync(held, cancellationToken);

    /// <summary>Reads, slowly, what serves because of its mark.</summary>
    /// <returns>The first file that is not what it must be. It does not end when all are.</returns>
    public async Task<string> FindDamagedAsync(IReadOnlyList<WeightsLease.File> serving, CancellationToken cancellationToken)
    {
        foreach (var file in serving)
        {
            if (!await verified.CheckAsync(file, cancellationToken))
            {
                return file.Path;
            }
        }

        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }
}
