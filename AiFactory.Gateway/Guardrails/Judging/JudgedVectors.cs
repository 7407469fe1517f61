using AiFactory.Gateway.Caching;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Vectors of one model, of length 1, with that of a text which goes along with every question.</summary>
/// <param name="Probe">Of that text: where it is not what it was, another model has answered.</param>
internal sealed record JudgedVectors(float[] Probe, float[][] Vectors)
{
    /// <summary>The cosine of one text's vectors by one model: batches and kernels differ by less, other models and versions by more.</summary>
    private const double Same = 0.99;

    /// <summary>Whether one model made both.</summary>
    public bool IsComparable(JudgedVectors other) => IsSame(Probe, other.Probe);

    public static bool IsSame(float[] probe, float[] other) => probe.Length == other.Length && SemanticIndex.Dot(probe, other) >= Same;
}
