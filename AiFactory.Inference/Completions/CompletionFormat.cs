using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Completions;

/// <summary>One for each request: it counts the characters of its streams.</summary>
/// <param name="echo">What each answer begins with: its prompt, where the request wants to have it back.</param>
internal sealed class CompletionFormat(string echo) : IAnswerFormat
{
    private readonly Dictionary<int, int> _offsets = [];

    public string Operation => "text_completion";

    public string IdPrefix => "cmpl-";

    public IResult Whole(AnswerHeader header, IReadOnlyList<AnswerChoice> choices, Usage usage)
    {
        var written = choices.Select((choice, index) =>
        {
            var offset = 0;
            return new CompletionChoice(index, echo + choice.Text, choice.FinishReason, Logprobs.ForCompletion(choice.Tokens, ref offset));
        });
        return TypedResults.Json(Create(header, [.. written], usage), OpenAIJson.Default.Completion);
    }

    public ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, int index, CancellationToken cancellationToken) =>
        echo.Length == 0 ? ValueTask.FromResult(true) : WriteAsync(writer, Create(header, [new CompletionChoice(index, echo, null)], null), cancellationToken);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, int index, GenerationEvent.Text text, CancellationToken cancellationToken)
    {
        var offset = _offsets.GetValueOrDefault(index);
        var logprobs = text.Tokens.Count == 0 ? null : Logprobs.ForCompletion(text.Tokens, ref offset);
        _offsets[index] = offset;
        return WriteAsync(writer, Create(header, [new CompletionChoice(index, text.Value, null, logprobs)], null), cancellationToken);
    }

    public ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, int index, string finishReason, CancellationToken cancellationToken) =>
        WriteAsync(writer, Create(header, [new CompletionChoice(index, "", finishReason)], null), cancellationToken);

    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken) =>
        WriteAsync(writer, Create(header, [], usage), cancellationToken);

    private static Completion Create(AnswerHeader header, IReadOnlyList<CompletionChoice> choices, Usage? usage) =>
        new(header.Id, "text_completion", header.Created, header.Model, choices, header.SystemFingerprint, usage);

    private static ValueTask<bool> WriteAsync(SseWriter writer, Completion chunk, CancellationToken cancellationToken) =>
        writer.WriteJsonAsync(chunk, OpenAIJson.Default.Completion, cancellationToken: cancellationToken);
}
