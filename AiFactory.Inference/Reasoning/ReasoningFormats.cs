namespace AiFactory.Inference.Reasoning;

/// <summary>The ways to mark thoughts that are known, found by what a model's own template has in it.</summary>
internal static class ReasoningFormats
{
    public static readonly ReasoningFormat Think = new("<think>", "</think>");

    public static readonly ReasoningFormat SeedOss = new("<seed:think>", "</seed:think>");

    public static readonly ReasoningFormat MiniMaxM3 = new("<mm:think>", "</mm:think>");

    public static readonly ReasoningFormat Mistral = new("[THINK]", "[/THINK]") { IsPart = true };

    public static readonly ReasoningFormat Command = new("<|START_THINKING|>", "<|END_THINKING|>") { Skips = ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"] };

    public static readonly ReasoningFormat Granite = new("<think>", "</think>") { Around = ("<response>", "</response>") };

    public static readonly ReasoningFormat Apriel = new("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]");

    public static readonly ReasoningFormat Gemma = new("<|channel>thought", "<channel|>") { IsRepeated = true };

    /// <summary>Harmony (https://cookbook.openai.com/articles/openai-harmony): each message of an answer has a channel, and says so.</summary>
    public static readonly ReasoningFormat Harmony = new("<|channel|>analysis<|message|>", "<|end|>")
    {
        Skips = ["<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>commentary<|message|>", "<|end|>"],
        IsRepeated = true,
        Next = "<|start|>assistant",
        Answer = "<|channel|>final<|message|>",
    };

    /// <summary>The first of whose texts the template has all.</summary>
    private static readonly (ReasoningFormat Format, string[] Has)[] Known =
    [
        (Harmony, ["<|channel|>analysis<|message|>"]),
        (Gemma, ["<|channel>thought", "<channel|>"]),
        (SeedOss, ["<seed:think>"]),
        (MiniMaxM3, ["<mm:think>", "</mm:think>"]),
        (Mistral, ["[THINK]", "[/THINK]"]),
        (Command, ["<|START_THINKING|>", "<|END_THINKING|>"]),
        (Apriel, ["Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"]),
        (Granite, ["<think>", "<response>"]),
        (Think, ["</think>"]),
    ];

    /// <returns>Null when the template shows no thoughts.</returns>
    public static ReasoningFormat? Find(string template) => Known.FirstOrDefault(known => known.Has.All(text => template.Contains(text, StringComparison.Ordinal))).Format;
}
