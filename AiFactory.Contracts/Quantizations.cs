namespace AiFactory.Contracts;

/// <summary>How a deployment's weights may be packed when they come in 16 or 32 bits; llama.cpp's own names, in lower case.</summary>
public static class Quantizations
{
    /// <summary>From the most exact to the smallest: some 8.5, 6.6, 5.7, 4.9 and 4.6 bits for each weight.</summary>
    public static IReadOnlyList<string> All { get; } = ["q8_0", "q6_k", "q5_k_m", "q4_k_m", "q4_0"];
}
