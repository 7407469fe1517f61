using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Generations;

/// <summary>From a checked request to an answer, streamed or whole.</summary>
internal sealed class GenerationRunner(InferenceTelemetry telemetry, TimeProvider time)
{
    /// <param name="maxTokens">Null allows what the context leaves.</param>
    /// <param name="promptField">The field that the prompt came from: messages or prompt.</param>
    public async Task<IResult> RunAsync(
        ServedModel model,
        GenerationRequestBuilder builder,
        IAnswerFormat format,
        CancellationToken cancellationToken)
    {
        // 1. The context's budget, before anything is queued. 2. A place in the queue. 3. The events, as a stream or as one answer.
        if (model.Generator is not { } engine)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"The model '{model.Assignment.Deployment}' is an embedding model: it does not generate text.", "model", "unsupported_task"));
        }

        if (builder.Build(engine.ContextLength, out var request) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        switch (engine.Submit(request))
        {
            case Submission.QueueFull full:
                return new OpenAIErrorResult(OpenAIError.QueueFull(full.RetryAfter));
            case Submission.Accepted accepted:
                var now = time.GetUtcNow();
                var header = new AnswerHeader($"{format.IdPrefix}{Guid.CreateVersion7(now):N}", now.ToUnixTimeSeconds(), model.Assignment.Deployment, model.SystemFingerprint);
                var span = new GenerationSpan(telemetry, format.Operation, header, request, time);
                return builder.Stream
                    ? await GenerationStreamResult.OpenAsync(accepted.Generation, format, header, span, builder.IncludeUsage, cancellationToken)
                    : await CollectAsync(accepted.Generation, format, header, span, cancellationToken);
            default:
                return new OpenAIErrorResult(OpenAIError.Stopping());
        }
    }

    public static OpenAIError ToError(GenerationEvent end) => end switch
    {
        GenerationEvent.Refused refused => OpenAIError.Invalid(refused.Reason, null, "no_answer"),
        GenerationEvent.Failed failed => OpenAIError.Failed(failed.Reason),
        GenerationEvent.Expired expired => OpenAIError.DeadlineExceeded(expired.RetryAfter),
        _ => OpenAIError.Stopping(),
    };

    private static async Task<IResult> CollectAsync(
        Generation generation, IAnswerFormat format, AnswerHeader header, GenerationSpan span, CancellationToken cancellationToken)
    {
        using (span)
        {
            try
            {
                var text = new StringBuilder();
                await foreach (var next in generation.ReadAsync(cancellationToken))
                {
                    switch (next)
                    {
                        case GenerationEvent.Text part:
                            text.Append(part.Value);
                            break;
                        case GenerationEvent.Finished finished:
                            span.FirstToken(generation.Timings);
                            span.Finished(finished, generation.Timings);
                            return format.Whole(header, text.ToString(), finished.FinishReason, ToUsage(finished));
                        default:
                            var error = ToError(next);
                            span.Failed(error.Body);
                            return new OpenAIErrorResult(error);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
            }

            span.Abandoned();
            return Results.Empty;
        }
    }

    public static Usage ToUsage(GenerationEvent.Finished finished) =>
        new(finished.PromptTokens, finished.CompletionTokens, finished.PromptTokens + finished.CompletionTokens)
        {
            PromptTokensDetails = new PromptTokensDetails(finished.CachedTokens),
        };
}
