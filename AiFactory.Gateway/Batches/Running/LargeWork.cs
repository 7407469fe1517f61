using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Places for requests whose body or answer is large: all of a gateway's requests at once could be, and would fill its memory.</summary>
#pragma warning disable CA1001 // it has no handle unless somebody asks for one, and requests may leave after the host has disposed what it has
internal sealed class LargeWork(IOptions<BatchOptions> options)
#pragma warning restore CA1001
{
    /// <summary>Up to here a request takes no place.</summary>
    public const int Bytes = 1 << 20;

    private readonly SemaphoreSlim _places = new(options.Value.LargeAtOnce);

    public Task WaitAsync(CancellationToken cancellationToken) => _places.WaitAsync(cancellationToken);

    public void Leave() => _places.Release();
}
