using AiFactory.Contracts;

namespace AiFactory.Inference.Weights.Quantization;

/// <param name="FileType">llama.cpp's <c>llama_ftype</c>.</param>
/// <param name="BitsPerWeight">At most, scales included.</param>
internal sealed record QuantizationKind(string Name, int FileType, double BitsPerWeight)
{
    private static readonly QuantizationKind[] Known = [new("q8_0", 7, 8.5), new("q6_k", 18, 6.6), new("q5_k_m", 17, 5.8), new("q4_k_m", 15, 5.0), new("q4_0", 2, 4.7)];

    /// <exception cref="WeightsException">Nobody knows it.</exception>
    public static QuantizationKind Of(string name) =>
        Known.FirstOrDefault(kind => kind.Name == name) ?? throw new WeightsException($"'{name}' is no quantization: use one of {string.Join(", ", Quantizations.All)}.");
}
