using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Chat;

internal sealed class ChatFormat : IAnswerFormat
{
    public static readonly ChatFormat Instance = new();

    public const string Assistant = "assistant";

    private const string ChunkObject = "chat.completion.chunk";

    public string Operation => "chat";

    public string IdPrefix => "chatcmpl-";

    public static IResult Whole(AnswerHeader header, IReadOnlyList<ChatChoice> choices, Usage usage) => TypedResults.Json(
        new ChatCompletion(header.Id, "chat.completion", header.Created, header.Model, choices, usage, header.SystemFingerprint),
        OpenAIJson.Default.ChatCompletion);

    public static ValueTask<bool> WriteAsync(SseWriter writer, AnswerHeader header, ChatChunkChoice choice, CancellationToken cancellationToken) => writer.WriteJsonAsync(
        new ChatCompletionChunk(header.Id, ChunkObject, header.Created, header.Model, [choice], header.SystemFingerprint),
        OpenAIJson.Default.ChatCompletionChunk,
        cancellationToken: cancellationToken);

    public IResult Whole(AnswerHeader header, IReadOnlyList<AnswerChoice> choices, Usage usage) => Whole(
        header,
        [.. choices.Select((choice, index) => new ChatChoice(index, new ChatMessage(Assistant, choice.Text), choice.FinishReason, Logprobs.ForChat(choice.Tokens)))],
        usage);

    public ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, int index, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatChunkChoice(index, new ChatDelta(Assistant, "")), cancellationToken);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, int index, GenerationEvent.Text text, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatChunkChoice(index, new ChatDelta(Content: text.Value), null, text.Tokens.Count == 0 ? null : Logprobs.ForChat(text.Tokens)), cancellationToken);

    public ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, int index, string finishReason, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatChunkChoice(index, new ChatDelta(), finishReason), cancellationToken);

    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken) => writer.WriteJsonAsync(
        new ChatCompletionChunk(header.Id, ChunkObject, header.Created, header.Model, [], header.SystemFingerprint, usage),
        OpenAIJson.Default.ChatCompletionChunk,
        cancellationToken: cancellationToken);
}
