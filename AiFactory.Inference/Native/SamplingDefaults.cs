using System.Globalization;

namespace AiFactory.Inference.Native;

/// <summary>How the model's makers want tokens to be chosen when a request does not say: llama.cpp's <c>general.sampling.*</c> in the file. Null where the file says nothing.</summary>
internal sealed record SamplingDefaults(float? Temperature = null, float? TopP = null, int? TopK = null, float? MinP = null, float? RepetitionPenalty = null)
{
    public static readonly SamplingDefaults None = new();

    /// <summary>A value that no request may have is passed over.</summary>
    public static SamplingDefaults Of(LlamaModel model) => new(
        Read(model, "temp", 0, 2),
        Read(model, "top_p", 0, 1),
        (int?)Read(model, "top_k", 0, int.MaxValue),
        Read(model, "min_p", 0, 1),
        Read(model, "penalty_repeat", 0.01f, 10));

    private static float? Read(LlamaModel model, string name, float least, float most) =>
        float.TryParse(model.GetMetadata($"general.sampling.{name}"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;
}
