using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Sampling;
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

        if (request.Rules is { Grammar: not null } or { Calls: not null } or { TopLogprobs: not null })
        {
            // Made once, and here: on the engine's thread all answers would wait for it.
            _ = VocabularyTrie.Of(model.Model);
        }

        if (Submit(engine, builder, request, out var group) is { } notTaken)
        {
            return new OpenAIErrorResult(notTaken);
        }

        var now = time.GetUtcNow();
        var header = new AnswerHeader($"{format.IdPrefix}{Guid.CreateVersion7(now):N}", now.ToUnixTimeSeconds(), builder.Adapter?.Name ?? model.Assignment.Deployment, model.SystemFingerprint + builder.Adapter?.Fingerprint);
        var span = new GenerationSpan(telemetry, format.Operation, header, request, time);
        return builder.Stream
            ? await GenerationStreamResult.OpenAsync(group, format, header, span, builder.IncludeUsage, cancellationToken)
            : await CollectAsync(group, format, header, span, request.Rules.TopLogprobs is not null, cancellationToken);
    }

    /// <summary>All choices, or none. Each draws other random numbers.</summary>
    private static OpenAIError? Submit(GenerationEngine engine, GenerationRequestBuilder builder, GenerationRequest request, out GenerationGroup group)
    {
        var generations = new List<Generation>();
        group = new GenerationGroup(generations);
        for (var choice = 0; choice < builder.Choices; choice++)
        {
            var sampling = request.Sampling with { Seed = unchecked(request.Sampling.Seed + (uint)choice) };
            switch (engine.Submit(request with { Sampling = sampling, IsOver = builder.NewIsOver?.Invoke() }))
            {
                case Submission.Accepted accepted:
                    generations.Add(accepted.Generation);
                    break;
                case Submission.QueueFull full:
                    group.Cancel();
                    return OpenAIError.QueueFull(full.RetryAfter);
                case Submission.UnknownAdapter:
                    // It was unloaded since it was found.
                    group.Cancel();
                    return OpenAIError.ModelNotFound(request.Adapter ?? "");
                case Submission.AdapterLeaving:
                    group.Cancel();
                    return OpenAIError.AdapterLeaving(request.Adapter ?? "");
                default:
                    group.Cancel();
                    return OpenAIError.Stopping();
            }
        }

        group = new GenerationGroup(generations, builder.Reasoning);
        return null;
    }

    public static OpenAIError ToError(GenerationEvent end) => end switch
    {
        GenerationEvent.Refused refused => OpenAIError.Invalid(refused.Reason, null, "no_answer"),
        GenerationEvent.Failed failed => OpenAIError.Failed(failed.Reason),
        GenerationEvent.Expired expired => OpenAIError.DeadlineExceeded(expired.RetryAfter),
        _ => OpenAIError.Stopping(),
    };

    private static async Task<IResult> CollectAsync(
        GenerationGroup group, IAnswerFormat format, AnswerHeader header, GenerationSpan span, bool tellsLogprobs, CancellationToken cancellationToken)
    {
        using (span)
        {
            try
            {
                var (texts, tokens, reasons) = (new StringBuilder[group.Count], new List<TokenLogprob>[group.Count], new string[group.Count]);
                for (var i = 0; i < group.Count; i++)
                {
                    (texts[i], tokens[i]) = (new StringBuilder(), []);
                }

                var finished = 0;
                await foreach (var (index, next) in group.ReadAsync(cancellationToken))
                {
                    switch (next)
                    {
                        case GenerationEvent.Text part:
                            texts[index].Append(part.Value);
                            tokens[index].AddRange(part.Tokens);
                            break;
                        case GenerationEvent.Finished end:
                            reasons[index] = end.FinishReason;
                            if (++finished < group.Count)
                            {
                                break;
                            }

                            span.FirstToken(group.Timings);
                            span.Finished(group.Usage.CompletionTokens ?? 0, reasons, group.Timings);
                            return format.Whole(header, [.. texts.Select((text, choice) => new AnswerChoice(text.ToString(), reasons[choice], tellsLogprobs ? tokens[choice] : null))], group.Usage);
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
}
