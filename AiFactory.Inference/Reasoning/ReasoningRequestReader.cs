using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Reasoning;

/// <summary>Checks what a request says of the model's thoughts: llama-server's <c>reasoning_format</c>, vLLM's <c>include_reasoning</c>, OpenAI's <c>reasoning_effort</c>, and the switch that templates have.</summary>
internal static class ReasoningRequestReader
{
    private const string Switch = "chat_template_kwargs.enable_thinking";

    /// <param name="use">Null for a model that marks no thoughts. Where the answer begins is told by the prompt, when it is rendered.</param>
    public static OpenAIError? Read(ChatCompletionRequest request, ChatPrompt prompt, out ReasoningUse? use)
    {
        use = prompt.Reasoning is { } format ? new ReasoningUse(format, ReasoningPlace.Before, request.ReasoningFormat == "none", request.IncludeReasoning ?? true) : null;
        return request.ReasoningFormat is not (null or "" or "none" or "auto" or "deepseek")
                ? OpenAIError.Invalid("'reasoning_format' is 'auto' or 'deepseek', which tell thoughts as 'reasoning_content', or 'none', which leaves them in the content.", "reasoning_format")
            : request.ReasoningEffort is { Length: > 0 } effort ? CheckEffort(effort, prompt) ?? CheckSwitch(request, prompt)
            : CheckSwitch(request, prompt);
    }

    private static OpenAIError? CheckEffort(string effort, ChatPrompt prompt) =>
        !prompt.Uses("reasoning_effort") ? OpenAIError.Unsupported("reasoning_effort", " by this model: its chat template does not know it; see 'chat_template_kwargs' for what it takes")
        : effort.Length > 16 || effort.Any(character => !char.IsAsciiLetter(character) && character != '_') ? OpenAIError.Invalid("'reasoning_effort' is a word like 'low', 'medium' or 'high'.", "reasoning_effort")
        : null;

    /// <summary>A switch that the template does not look at would be ignored, and who turned thoughts off would pay for them.</summary>
    private static OpenAIError? CheckSwitch(ChatCompletionRequest request, ChatPrompt prompt)
    {
        if (request.ChatTemplateKwargs is not { ValueKind: JsonValueKind.Object } arguments || RequestValues.Find(arguments, "enable_thinking") is not { } value)
        {
            return null;
        }

        return value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) ? OpenAIError.Invalid($"'{Switch}' is true or false.", Switch)
            : value.ValueKind == JsonValueKind.False && prompt.Reasoning is not null && !prompt.Uses("enable_thinking")
                ? OpenAIError.Unsupported(Switch, " with the value false by this model: its chat template has no such switch, and the model thinks before each answer")
            : null;
    }
}
