using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <param name="Prompt">Tokens, at least one.</param>
/// <param name="MaxTokens">Tokens that may be generated, at least one; with the prompt they fit the context.</param>
/// <param name="Stop">Texts that end the answer and are not part of it.</param>
internal sealed record GenerationRequest(int[] Prompt, int MaxTokens, LlamaSamplerOptions Sampling, IReadOnlyList<string> Stop)
{
    /// <summary>Only what this tenant computed is taken from the cache, and only for it; null shares with everybody whose tenant is null.</summary>
    public string? Tenant { get; init; }

    /// <summary>Whether its prompt may start behind what is in the cache; what it computes is there for others either way.</summary>
    public bool ReadsCache { get; init; } = true;

    /// <summary>The name of the adapter that answers; null for the model alone.</summary>
    public string? Adapter { get; init; }

    /// <summary>What its tokens are held to.</summary>
    public AnswerRules Rules { get; init; } = AnswerRules.None;

    /// <summary>When it gets its turn.</summary>
    public RequestTerms Terms { get; init; } = RequestTerms.None;

    /// <summary>Given each piece of the answer's text, on the engine's thread: whether the answer ends with it. Null leaves the end to the model.</summary>
    public Func<string, bool>? IsOver { get; init; }
}
