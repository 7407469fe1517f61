using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Generations;

/// <summary>The shape of an answer on the wire: chat completions, completions and responses differ in it only. A request may have several answers, counted from 0.</summary>
internal interface IAnswerFormat
{
    /// <summary>For the span: chat or text_completion.</summary>
    string Operation { get; }

    string IdPrefix { get; }

    IResult Whole(AnswerHeader header, IReadOnlyList<AnswerChoice> choices, Usage usage);

    /// <summary>What an answer's stream opens with; true when nothing is to be written.</summary>
    ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, int index, CancellationToken cancellationToken);

    ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, int index, GenerationEvent.Text text, CancellationToken cancellationToken);

    ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, int index, string finishReason, CancellationToken cancellationToken);

    ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken);

    /// <summary>What follows all else in a stream.</summary>
    ValueTask<bool> WriteEndAsync(SseWriter writer, CancellationToken cancellationToken) => writer.WriteAsync("[DONE]"u8.ToArray(), cancellationToken: cancellationToken);

    /// <summary>The status is sent: the error goes into the stream, as OpenAI does, and no end follows.</summary>
    ValueTask<bool> WriteErrorAsync(SseWriter writer, AnswerHeader header, ErrorBody error, CancellationToken cancellationToken) =>
        writer.WriteJsonAsync(new ErrorEnvelope(error), OpenAIJson.Default.ErrorEnvelope, cancellationToken: cancellationToken);
}
