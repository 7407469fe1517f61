namespace AiFactory.Inference.Weights;

/// <summary>One file of a model, as it was ordered.</summary>
/// <param name="Key">Where it lies at its source.</param>
/// <param name="Digest"><c>sha256:</c> and lower-case hex; empty when nobody said, then it is computed.</param>
/// <param name="SizeBytes">0 when nobody said, then the source is asked.</param>
internal sealed record WeightsPart(string Key, string Digest, long SizeBytes)
{
    /// <summary>Whether the file is hashed before it is used, whatever its mark says: where nothing reads it later.</summary>
    public bool MustRead { get; init; }

    /// <summary>Null for any size that the cache takes.</summary>
    public WeightsLimit? Limit { get; init; }

    /// <summary>For logs and errors.</summary>
    public string Name => ModelUri.WithoutSecrets(Key);
}
