using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Completions;

internal sealed class CompletionFormat : IAnswerFormat
{
    public static readonly CompletionFormat Instance = new();

    public string Operation => "text_completion";

    public string IdPrefix => "cmpl-";

    public IResult Whole(AnswerHeader header, string text, string finishReason, Usage usage) =>
        TypedResults.Json(Create(header, [new CompletionChoice(0, text, finishReason)], usage), OpenAIJson.Default.Completion);

    public ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, string text, CancellationToken cancellationToken) =>
        WriteAsync(writer, Create(header, [new CompletionChoice(0, text, null)], null), cancellationToken);

    public ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, string finishReason, CancellationToken cancellationToken) =>
        WriteAsync(writer, Create(header, [new CompletionChoice(0, "", finishReason)], null), cancellationToken);

    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken) =>
        WriteAsync(writer, Create(header, [], usage), cancellationToken);

    private static Completion Create(AnswerHeader header, IReadOnlyList<CompletionChoice> choices, Usage? usage) =>
        new(header.Id, "text_completion", header.Created, header.Model, choices, header.SystemFingerprint, usage);

    private static ValueTask<bool> WriteAsync(SseWriter writer, Completion chunk, CancellationToken cancellationToken) =>
        writer.WriteJsonAsync(chunk, OpenAIJson.Default.Completion, cancellationToken: cancellationToken);
}
