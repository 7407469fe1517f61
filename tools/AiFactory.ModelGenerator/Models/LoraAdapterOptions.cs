namespace AiFactory.ModelGenerator.Models;

/// <summary>The shape of a generated LoRA adapter.</summary>
public sealed record LoraAdapterOptions
{
    public string Name { get; init; } = "random-lora";

    /// <summary>The inner width of each pair of matrices.</summary>
    public int Rank { get; init; } = 4;

    /// <summary>What the adapter adds is multiplied by this over the rank; 0 takes 1, as llama.cpp does.</summary>
    public float Alpha { get; init; } = 8;

    /// <summary>How strong it is: 0 adds nothing at all, 1 about as much as the matrix gives itself.</summary>
    public float Strength { get; init; } = 1;

    public ulong Seed { get; init; } = 21;
}
