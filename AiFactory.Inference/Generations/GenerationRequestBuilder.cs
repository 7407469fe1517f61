using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Reasoning;

namespace AiFactory.Inference.Generations;

/// <summary>A request that is checked but for the context's length.</summary>
/// <param name="PromptField">The field that the prompt came from: messages or prompt.</param>
/// <param name="MaxTokens">Null allows what the context leaves.</param>
internal sealed record GenerationRequestBuilder(
    int[] Prompt,
    string PromptField,
    int? MaxTokens,
    LlamaSamplerOptions Sampling,
    IReadOnlyList<string> Stop,
    bool Stream,
    bool IncludeUsage)
{
    /// <summary>Answers that are asked for.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Makes what <see cref="GenerationRequest.IsOver"/> is, for each choice.</summary>
    public Func<Func<string, bool>>? NewIsOver { get; init; }

    /// <summary>How thoughts are told from the answer; null for a model that marks none.</summary>
    public ReasoningUse? Reasoning { get; init; }

    /// <inheritdoc cref="GenerationRequest.Rules"/>
    public AnswerRules Rules { get; init; } = AnswerRules.None;

    /// <inheritdoc cref="GenerationRequest.Tenant"/>
    public string? Tenant { get; init; }

    /// <inheritdoc cref="GenerationRequest.ReadsCache"/>
    public bool ReadsCache { get; init; } = true;

    /// <summary>What answers in the model's place; null for the model alone.</summary>
    public DeployedAdapter? Adapter { get; init; }

    /// <inheritdoc cref="GenerationRequest.Terms"/>
    public RequestTerms Terms { get; init; } = RequestTerms.None;

    public OpenAIError? Build(int contextLength, out GenerationRequest request)
    {
        var maxTokens = MaxTokens ?? Math.Max(1, contextLength - Prompt.Length);
        request = new GenerationRequest(Prompt, maxTokens, Sampling, Stop) { Tenant = Tenant, ReadsCache = ReadsCache, Adapter = Adapter?.Name, Rules = Rules, Terms = Terms };
        return Prompt.Length == 0 ? OpenAIError.Invalid($"'{PromptField}' is empty: there is nothing to go on from.", PromptField)
            : (long)Prompt.Length + maxTokens > contextLength ? OpenAIError.ContextLengthExceeded(contextLength, Prompt.Length, maxTokens, PromptField)
            : null;
    }
}
