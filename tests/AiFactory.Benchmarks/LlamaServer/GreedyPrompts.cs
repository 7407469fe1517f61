namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>Prompts of many kinds: questions, passages, lists, code, other scripts, white space.</summary>
internal static class GreedyPrompts
{
    private static readonly string[] s_kinds =
    [
        "What is {0}?",
        "Answer from the passage. Passage: The library of Veldham opens at nine and lends {0}. Question: When does it open?",
        "Write three sentences about {0}, then a list:\n1. \n2. ",
        "def count_{0}(items):\n    \"\"\"Counts.\"\"\"\n    return len(items)\n\nExplain this code.",
        "Übersetze ins Englische: „{0}“ – 日本語, ελληνικά, 🦙; then repeat\tit twice.   ",
    ];

    private static readonly string[] s_things = ["bread", "rivers", "a lighthouse", "the number 4821", "JSON", "an otter", "lentil soup", "trains", "a password", "the moon"];

    public static string Make(int index) => s_kinds[index % s_kinds.Length].Replace("{0}", s_things[index / s_kinds.Length % s_things.Length], StringComparison.Ordinal);
}
