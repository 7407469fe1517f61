using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Inference.Weights;

/// <summary>Weights in the factory's object storage, or in a bucket that <c>AIFACTORY_MODEL_URI</c> names.</summary>
internal sealed class ObjectStoreSource(IObjectStore store) : IWeightsSource
{
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) => store.HeadAsync(key, cancellationToken);

    public Task<ObjectContent?> OpenReadAsync(string key, ByteRange range, CancellationToken cancellationToken) => store.OpenReadAsync(key, range, cancellationToken);
}
