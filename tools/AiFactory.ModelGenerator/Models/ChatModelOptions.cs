using AiFactory.ModelGenerator.Gguf;

namespace AiFactory.ModelGenerator.Models;

/// <summary>The shape of a generated chat model.</summary>
public sealed record ChatModelOptions
{
    /// <summary>112 million parameters in Q8_0, 120 MB, for measuring: it never ends its turn, so that an answer has as many tokens as were asked for.</summary>
    public static ChatModelOptions Large { get; } = new()
    {
        Name = "random-112m",
        SizeLabel = "112M",
        Width = 768,
        Layers = 10,
        Heads = 12,
        KeyValueHeads = 4,
        FeedForward = 2048,
        ContextLength = 4096,
        VocabularySize = 32_000,
        Weights = GgufTensorType.Q80,
        EndOfTurnScale = 0.001f,
    };

    public string Name { get; init; } = "demo-chat";

    public string SizeLabel { get; init; } = "1M";

    /// <summary><c>llama</c> or <c>qwen2</c>.</summary>
    public string Architecture { get; init; } = "llama";

    public int Width { get; init; } = 128;
    public int Layers { get; init; } = 4;
    public int Heads { get; init; } = 4;
    public int KeyValueHeads { get; init; } = 2;
    public int FeedForward { get; init; } = 320;
    public int ContextLength { get; init; } = 2048;
    public int Merges { get; init; } = 640;

    /// <summary>Tokens that the vocabulary has at least: made-up words fill it up, which the model says and no text is read as.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Experts of each layer's feed-forward part, of which each token uses <see cref="UsedExperts"/>; 0 for a model without (only llama has them here).</summary>
    public int Experts { get; init; }

    public int UsedExperts { get; init; } = 2;

    /// <summary>How the matrices are stored; what is added or multiplied by element is F32.</summary>
    public GgufTensorType Weights { get; init; } = GgufTensorType.F16;

    public ulong Seed { get; init; } = 8;

    /// <summary>True makes tokens that are no whole text (a lone byte over 0x7F, a control character) improbable; false lets them come, for tests of UTF-8.</summary>
    public bool Readable { get; init; } = true;

    /// <summary>How probable the end-of-turn token is: a scale of its logit, 0 for practically never.</summary>
    public float EndOfTurnScale { get; init; } = 1f;

    /// <summary>How its makers want it to be sampled; null stores nothing.</summary>
    public float? Temperature { get; init; }

    /// <summary>Null stores none.</summary>
    public string? ChatTemplate { get; init; } = ChatModel.ChatMl;

    /// <summary>The second one, for requests with tools (<c>tool_use</c>); null stores none.</summary>
    public string? ToolTemplate { get; init; }

    /// <summary>Whether control tokens stand for what is before and behind a gap, and for the gap.</summary>
    public bool FillsGaps { get; init; }

    /// <summary>Tokens that every other layer looks back; for the architecture gemma2.</summary>
    public int SlidingWindow { get; init; }
}
