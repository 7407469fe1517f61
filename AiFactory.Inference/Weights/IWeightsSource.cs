using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Inference.Weights;

/// <summary>Where files of weights are read from, in ranges.</summary>
internal interface IWeightsSource
{
    /// <summary>What is known of a file; null when there is none.</summary>
    Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken);

    /// <summary>The bytes of the range; null when there is no such file. The caller disposes it.</summary>
    Task<ObjectContent?> OpenReadAsync(string key, ByteRange range, CancellationToken cancellationToken);
}
