using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Serving;

/// <summary>What the models of this worker may take together, in this process or in theirs. A system that runs out of memory kills the process, and all models with it: so a load that cannot fit is refused.</summary>
internal class MemoryBudget(IOptions<EngineOptions> options)
{
    private readonly long _total = options.Value.MemoryLimit > 0 ? options.Value.MemoryLimit : MachineMemory.TotalBytes;
    private readonly Lock _gate = new();
    private long _taken;

    /// <summary>What may be taken in all.</summary>
    public long Total => _total;

    /// <param name="describe">What it is for, in numbers: for the refusal.</param>
    /// <returns>Gives the memory back when disposed.</returns>
    /// <exception cref="LlamaException">It does not fit; the message has the numbers.</exception>
    public virtual IDisposable Reserve(long bytes, Func<string> describe)
    {
        lock (_gate)
        {
            if (bytes > _total - _taken)
            {
                throw new LlamaException(
                    $"The model does not fit into memory: {describe()}; of {_total} bytes that this worker may use, other models take {_taken}. " +
                    "Give the deployment a smaller context or fewer slots, or the worker more memory.");
            }

            _taken += bytes;
        }

        return new Reservation(this, bytes);
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
