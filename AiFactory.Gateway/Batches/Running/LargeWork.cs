using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>
/// Places for large bodies, and others for large answers: all of a gateway's requests at once could have them, and would fill its memory. A body takes its place before its request is sent, and an answer
/// when nothing else is waited for any more but its own end; so who waits for a place of either kind waits for requests that go on, and nobody in a circle. With one kind for both, bodies that had places and
/// waited for a turn at a model, and answers that had the turns and waited for places, would wait for one another.
/// </summary>
#pragma warning disable CA1001 // it has no handle unless somebody asks for one, and requests may leave after the host has disposed what it has
internal sealed class LargeWork(IOptions<BatchOptions> options)
#pragma warning restore CA1001
{
    /// <summary>Up to here a request takes no place.</summary>
    public const int Bytes = 1 << 20;

    public SemaphoreSlim Bodies { get; } = new(options.Value.LargeAtOnce);

    public SemaphoreSlim Answers { get; } = new(options.Value.LargeAtOnce);
}
