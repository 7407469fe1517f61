using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Chat;

/// <summary>From a chat request to its answer, streamed or whole, or to the refusal that names what is wrong with it.</summary>
internal sealed class ChatService(ModelResolver models, GenerationRunner runner, TokenizerGate tokenizer)
{
    public async Task<IResult> AnswerAsync(HttpContext http, ChatCompletionRequest request, CancellationToken cancellationToken)
    {
        if (models.Resolve(http, request.Model, out var model) is { } unresolved)
        {
            return new OpenAIErrorResult(unresolved);
        }

        if (GenerationParametersReader.Read(request, model.Model.Sampling, out var sampling, out var stop) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        if (ChatRequestReader.Read(request, out var conversation) is { } refusedChat)
        {
            return new OpenAIErrorResult(refusedChat);
        }

        if (model.ChatPrompt is not { } prompt)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"The model '{request.Model}' does not chat: its task is {ModelTasks.Embedding}.", "model", "unsupported_task"));
        }

        if (ToolRequestReader.Read(request, prompt, out var tools) is { } refusedTools)
        {
            return new OpenAIErrorResult(refusedTools);
        }

        // Before it is rendered and tokenized, which costs time and memory by the byte.
        var (bytes, most) = (CountBytes(request, conversation), model.Model.MostBytes(model.ContextLength));
        if (bytes > most)
        {
            return new OpenAIErrorResult(OpenAIError.TextTooLong(model.ContextLength, bytes, most, "messages"));
        }

        var opening = HermesFormat.Opening(tools);
        try
        {
            var builder = new GenerationRequestBuilder(
                await tokenizer.RunAsync(() => prompt.Tokenize(conversation with { Tools = tools.Tools, Opening = opening }), cancellationToken),
                "messages",
                request.MaxCompletionTokens ?? request.MaxTokens,
                sampling,
                tools.IsSingle ? [.. stop, HermesFormat.End] : stop,
                request.Stream == true,
                request.StreamOptions?.IncludeUsage == true);
            return await runner.RunAsync(model, builder, tools.Tools is null ? ChatFormat.Instance : new ToolChatFormat(opening), cancellationToken);
        }
        catch (TemplateException fault)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid(
                fault.Raised is { } raised ? $"The model's chat template refuses the messages: {raised}" : $"The model's chat template cannot render the messages: {fault.Message}.",
                "messages",
                "chat_template"));
        }
    }

    private static long CountBytes(ChatCompletionRequest request, Conversation conversation) =>
        conversation.Turns.Sum(turn => (long)turn.Role.Length + Encoding.UTF8.GetByteCount(turn.Content))
        + (request.Messages ?? []).Sum(message => (long)(message?.ToolCalls?.GetRawText().Length ?? 0))
        + (request.Tools?.GetRawText().Length ?? 0)
        + (request.ChatTemplateKwargs?.GetRawText().Length ?? 0);
}
