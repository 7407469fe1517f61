using AiFactory.Inference.Weights;

namespace AiFactory.Inference.Adapters;

/// <summary>An adapter that a deployment has, whether its model is in memory or sleeps.</summary>
/// <param name="Root">Where it came from, as it was named.</param>
/// <param name="File">Verified, and held.</param>
internal sealed record DeployedAdapter(string Name, string Root, WeightsLease.File File, DateTimeOffset LoadedAt)
{
    /// <summary>Behind its model's <see cref="Serving.ServedModel.SystemFingerprint"/>.</summary>
    public string Fingerprint => $"_{File.Digest["sha256:".Length..][..12]}";
}
