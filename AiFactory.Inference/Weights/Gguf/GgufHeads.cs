namespace AiFactory.Inference.Weights.Gguf;

/// <summary>Which architectures assert, in their graphs (llama.cpp v0.5.0, src/models), that a head's keys, values and rotation have one length.</summary>
internal static class GgufHeads
{
    /// <summary><c>GGML_ASSERT(n_embd_head == n_rot)</c>, and keys as long as values.</summary>
    private static readonly HashSet<string> Rotated = new(
    [
        "apertus", "arcee", "arctic", "baichuan", "chameleon", "codeshell", "cogvlm", "cohere2moe", "dbrx", "deci", "deepseek", "dots1", "dream", "ernie4_5", "ernie4_5-moe",
        "exaone", "exaone-moe", "exaone4", "falcon", "granite", "grok", "grovemoe", "hunyuan-moe", "hunyuan-vl", "internlm2", "jais2", "llada", "llada-moe", "llama", "llama4",
        "maincoder", "mellum", "minimax-01", "minimax-m2", "mistral3", "nemotron", "olmo", "olmo2", "olmoe", "orion", "paddleocr", "pangu-embedded", "plamo", "pockettts", "qwen2",
        "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe", "rnd1", "seed_oss", "smallthinker", "smollm3", "starcoder2", "talkie", "xverse",
    ],
    StringComparer.Ordinal);

    /// <summary><c>GGML_ASSERT(n_embd_head == hparams.n_embd_head_k())</c>: keys as long as values.</summary>
    private static readonly HashSet<string> Equal = new(
    [
        "afmoe", "bailingmoe2", "bert", "bitnet", "bloom", "chatglm", "cohere2", "command-r", "dflash", "eagle3", "eurobert", "glm4", "glm4moe", "gpt2", "gptneox",
        "granitehybrid", "jais", "laguna", "minimax-m3", "modern-bert", "mpt", "muse-glimmer", "nanbeige", "nemotron_h", "nemotron_h_moe", "neo-bert", "openelm", "phi2", "phi3",
        "qwen", "qwen35", "qwen35moe", "qwen3next", "qwen4exp", "refact", "stablelm", "starcoder", "t5",
    ],
    StringComparer.Ordinal);

    public static bool GoTogether(string architecture, GgufShape shape) =>
        shape.KeyLength is >= 1 and <= 65_536
        && shape.ValueLength is >= 1 and <= 65_536
        && shape.Rotated <= shape.KeyLength
        && shape.Rotated % 2 == 0
        && (shape.KeyLength == shape.ValueLength || !(Rotated.Contains(architecture) || Equal.Contains(architecture)))
        && (shape.Rotated == shape.KeyLength || !Rotated.Contains(architecture));
}
