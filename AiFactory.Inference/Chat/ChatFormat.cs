using AiFactory.Contracts.OpenAI;
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

    public static IResult Whole(AnswerHeader header, ChatMessage message, string finishReason, Usage usage) => TypedResults.Json(
        new ChatCompletion(header.Id, "chat.completion", header.Created, header.Model, [new ChatChoice(0, message, finishReason)], usage, header.SystemFingerprint),
        OpenAIJson.Default.ChatCompletion);

    public static ValueTask<bool> WriteAsync(SseWriter writer, AnswerHeader header, ChatDelta delta, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatChunkChoice(0, delta), cancellationToken);

    public IResult Whole(AnswerHeader header, string text, string finishReason, Usage usage) => Whole(header, new ChatMessage(Assistant, text), finishReason, usage);

    public ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatDelta(Assistant, ""), cancellationToken);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, string text, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatDelta(Content: text), cancellationToken);

    public ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, string finishReason, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, new ChatChunkChoice(0, new ChatDelta(), finishReason), cancellationToken);

    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken) => writer.WriteJsonAsync(
        new ChatCompletionChunk(header.Id, ChunkObject, header.Created, header.Model, [], header.SystemFingerprint, usage),
        OpenAIJson.Default.ChatCompletionChunk,
        cancellationToken: cancellationToken);

    private static ValueTask<bool> WriteAsync(SseWriter writer, AnswerHeader header, ChatChunkChoice choice, CancellationToken cancellationToken) => writer.WriteJsonAsync(
        new ChatCompletionChunk(header.Id, ChunkObject, header.Created, header.Model, [choice], header.SystemFingerprint),
        OpenAIJson.Default.ChatCompletionChunk,
        cancellationToken: cancellationToken);
}
