namespace AiFactory.ModelGenerator.Models;

/// <summary>The shape of a generated chat model.</summary>
public sealed record ChatModelOptions
{
    public string Name { get; init; } = "demo-chat";

    /// <summary><c>llama</c> or <c>qwen2</c>.</summary>
    public string Architecture { get; init; } = "llama";

    public int Width { get; init; } = 128;
    public int Layers { get; init; } = 4;
    public int Heads { get; init; } = 4;
    public int KeyValueHeads { get; init; } = 2;
    public int FeedForward { get; init; } = 320;
    public int ContextLength { get; init; } = 2048;
    public int Merges { get; init; } = 640;
    public ulong Seed { get; init; } = 8;

    /// <summary>True makes tokens that are no whole text (a lone byte over 0x7F, a control character) improbable; false lets them come, for tests of UTF-8.</summary>
    public bool Readable { get; init; } = true;

    /// <summary>How probable the end-of-turn token is: a scale of its logit, 0 for practically never.</summary>
    public float EndOfTurnScale { get; init; } = 1f;

    /// <summary>How its makers want it to be sampled; null stores nothing.</summary>
    public float? Temperature { get; init; }

    /// <summary>Null stores none.</summary>
    public string? ChatTemplate { get; init; } = ChatModel.ChatMl;
}
