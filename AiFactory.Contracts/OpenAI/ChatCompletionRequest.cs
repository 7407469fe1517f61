using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <summary><c>POST /v1/chat/completions</c>: https://platform.openai.com/docs/api-reference/chat/create</summary>
public sealed record ChatCompletionRequest : GenerationParameters
{
    public IReadOnlyList<ChatRequestMessage>? Messages { get; init; }
    public int? MaxCompletionTokens { get; init; }

    /// <summary>An array like <c>{"type":"function","function":{"name":"get_weather","description":"...","parameters":{...}}}</c>.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary><c>auto</c>, <c>none</c>, <c>required</c>, or <c>{"type":"function","function":{"name":"..."}}</c>.</summary>
    public JsonElement? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    /// <summary>Further variables of the model's chat template, for example <c>{"enable_thinking":false}</c>. Not OpenAI's: as vLLM and llama-server have it.</summary>
    public JsonElement? ChatTemplateKwargs { get; init; }

    /// <summary><c>auto</c> and <c>deepseek</c> answer what the model thinks as <c>reasoning_content</c>, <c>none</c> leaves it in the content. As llama-server has it.</summary>
    public string? ReasoningFormat { get; init; }

    /// <summary>False leaves out what the model thinks. As vLLM has it.</summary>
    public bool? IncludeReasoning { get; init; }

    /// <summary>How much the model shall think, in the words of its template: <c>low</c>, <c>high</c>.</summary>
    public string? ReasoningEffort { get; init; }

    public JsonElement? Functions { get; init; }
    public bool? Logprobs { get; init; }
    public int? TopLogprobs { get; init; }
    public JsonElement? Modalities { get; init; }
}
