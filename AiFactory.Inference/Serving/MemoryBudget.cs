using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Serving;

/// <summary>What the models of this process may take together. A system that runs out of memory kills the process, and all models with it: so a load that cannot fit is refused.</summary>
internal sealed class MemoryBudget(IOptions<EngineOptions> options)
{
    private readonly long _total = options.Value.MemoryLimit > 0 ? options.Value.MemoryLimit : MachineMemory.TotalBytes;
    private readonly Lock _gate = new();
    private long _taken;

    /// <param name="weightsBytes">The weights, and what else does not grow with the context.</param>
    /// <param name="bytesPerToken">Keys and values of one token.</param>
    /// <param name="contextLength">Tokens of one sequence.</param>
    /// <param name="sequences">Sequences, each with a context of its own.</param>
    /// <returns>Gives the memory back when disposed.</returns>
    /// <exception cref="LlamaException">It does not fit; the message has the numbers.</exception>
    public IDisposable Reserve(long weightsBytes, long bytesPerToken, int contextLength, int sequences)
    {
        if (contextLength < 1 || sequences < 1)
        {
            throw new LlamaException($"A context of {contextLength} tokens in {sequences} slots is none: both must be at least 1.");
        }

        // In 128 bits: the numbers come from the model's file and from the deployment, and may be anything.
        var tokens = (long)contextLength * sequences;
        var needed = (Int128)weightsBytes + ((Int128)bytesPerToken * tokens);
        lock (_gate)
        {
            if (needed > _total - _taken || tokens > int.MaxValue)
            {
                throw new LlamaException(
                    $"The model does not fit into memory: {weightsBytes} bytes of weights and stored prefixes and {bytesPerToken} bytes for each of {contextLength} tokens x {sequences} slots are {needed} bytes; " +
                    $"of {_total} bytes that this worker may use, other models take {_taken}. Give the deployment a smaller context or fewer slots, or the worker more memory.");
            }

            _taken += (long)needed;
        }

        return new Reservation(this, (long)needed);
    }

    private void Release(long bytes)
    {
        lock (_gate)
        {
            _taken -= bytes;
        }
    }

    private sealed class Reservation(MemoryBudget budget, long bytes) : IDisposable
    {
        private MemoryBudget? _budget = budget;

        public void Dispose() => Interlocked.Exchange(ref _budget, null)?.Release(bytes);
    }
}
