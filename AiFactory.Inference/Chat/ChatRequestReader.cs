using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>Checks what only chat completions ask for, and reads the conversation.</summary>
internal static class ChatRequestReader
{
    /// <summary>Variables of the template that the request has other ways to set, or none.</summary>
    private static readonly string[] Reserved = ["messages", "tools", "documents", "bos_token", "eos_token"];

    /// <param name="conversation">Without the tools.</param>
    public static OpenAIError? Read(ChatCompletionRequest request, out Conversation conversation)
    {
        IReadOnlyList<ChatTurn> turns = [];
        MapValue? arguments = null;
        var error = RefuseUnsupported(request)
            ?? GenerationParametersReader.Between(request.MaxCompletionTokens, 1, int.MaxValue, "max_completion_tokens")
            ?? GenerationParametersReader.Between(request.TopLogprobs, 0, AnswerRulesReader.MostTopLogprobs, "top_logprobs")
            ?? ChatMessageReader.Read(request.Messages, out turns)
            ?? ReadTemplateArguments(request.ChatTemplateKwargs, out arguments);
        if (error is null && request.ReasoningEffort is { Length: > 0 } effort)
        {
            var named = KeyValuePair.Create((TemplateValue)StringValue.FromTemplate("reasoning_effort"), (TemplateValue)StringValue.FromRequest(effort));
            arguments = new MapValue([.. arguments?.Entries ?? [], named]);
        }

        conversation = new Conversation(turns, TemplateArguments: arguments);
        return error;
    }

    private static OpenAIError? RefuseUnsupported(ChatCompletionRequest request) =>
        !GenerationParametersReader.IsEmpty(request.Functions) ? OpenAIError.Unsupported("functions", ": use 'tools'")
        : request.TopLogprobs is > 0 && request.Logprobs != true ? OpenAIError.Invalid("'top_logprobs' is only allowed when 'logprobs' is enabled.", "top_logprobs")
        : request.Modalities is { ValueKind: JsonValueKind.Array } modalities && modalities.EnumerateArray().Any(item => RequestValues.Text(item) != "text")
            ? OpenAIError.Unsupported("modalities", " other than text")
        : null;

    private static OpenAIError? ReadTemplateArguments(JsonElement? value, out MapValue? arguments)
    {
        const string Field = "chat_template_kwargs";
        arguments = null;
        if (value is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined })
        {
            return null;
        }

        if (value is not { ValueKind: JsonValueKind.Object } element)
        {
            return OpenAIError.Invalid($"'{Field}' must be an object.", Field);
        }

        if (RequestValues.Read(element, Field, out var read) is { } error)
        {
            return error;
        }

        arguments = (MapValue)read;
        return Array.Find(Reserved, arguments.Contains) is { } reserved ? OpenAIError.Invalid($"'{Field}' does not set '{reserved}'.", $"{Field}.{reserved}") : null;
    }
}
