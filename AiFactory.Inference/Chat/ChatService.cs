using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;

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

        if (GenerationParametersReader.Read(request, out var sampling, out var stop) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        if (ChatRequestReader.Read(request, out var messages) is { } refusedChat)
        {
            return new OpenAIErrorResult(refusedChat);
        }

        if (model.ChatPrompt is not { } prompt)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"The model '{request.Model}' does not chat: its task is {ModelTasks.Embedding}.", "model", "unsupported_task"));
        }

        // Before it is rendered and tokenized, which costs time and memory by the byte.
        var (bytes, most) = (messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Role) + Encoding.UTF8.GetByteCount(message.Content)), model.Model.MostBytes(model.ContextLength));
        if (bytes > most)
        {
            return new OpenAIErrorResult(OpenAIError.TextTooLong(model.ContextLength, bytes, most, "messages"));
        }

        var builder = new GenerationRequestBuilder(
            await tokenizer.RunAsync(() => prompt.Tokenize(messages), cancellationToken),
            "messages",
            request.MaxCompletionTokens ?? request.MaxTokens,
            sampling,
            stop,
            request.Stream == true,
            request.StreamOptions?.IncludeUsage == true);
        return await runner.RunAsync(model, builder, ChatFormat.Instance, cancellationToken);
    }
}
