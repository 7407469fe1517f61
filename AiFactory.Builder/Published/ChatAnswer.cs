using System.Threading.Channels;
using AiFactory.Builder.Streaming;
using AiFactory.Contracts.OpenAI;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Builder.Published;

/// <summary>Answers a chat with a flow: whole, or as a stream that begins with the answer's first words, so that what fails before has an honest status.</summary>
internal sealed partial class ChatAnswer(FlowAnswers flows, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ChatAnswer> logger)
{
    private const int Ahead = 256;

    /// <summary>A stream that has nothing to say yet begins then, and says so again and again: who waits must not take it for dead.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    internal async Task WriteAsync(HttpContext context, FlowQuestion question, ChatCompletionRequest request)
    {
        var chunks = new ChatChunks(request.Model ?? "", time.GetUtcNow().ToUnixTimeSeconds());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            if (request.Stream == true)
            {
                await StreamAsync(context, question, chunks, request.StreamOptions?.IncludeUsage == true, end.Token);
                return;
            }

            var answer = await flows.AskAsync(question, progress => Note(progress, chunks), end.Token);
            await context.Response.WriteAsJsonAsync(chunks.Whole(answer), OpenAIJson.Default.ChatCompletion, cancellationToken: context.RequestAborted);
        }
        catch (FlowFailedException error)
        {
            LogFailed(logger, question.Flow, error.RunId, error.Status, error.Code);
            await FailAsync(context, OpenAIProblem.Of(error));
        }
        catch (Exception error) when (error is not OperationCanceledException && context.Response.HasStarted)
        {
            LogBroke(logger, error, question.Flow);
            await FailAsync(context, OpenAIProblem.Internal);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client left, and the run is cancelled.
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await FailAsync(context, OpenAIProblem.Stopping);
        }
    }

    private async Task StreamAsync(HttpContext context, FlowQuestion question, ChatChunks chunks, bool withUsage, CancellationToken cancellationToken)
    {
        var progress = Channel.CreateBounded<FlowProgress>(Ahead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAsync(question, progress.Writer, stop.Token);
        SseWriter? events = null;
        try
        {
            await foreach (var item in progress.Reader.ReadAllWithPausesAsync(Pause, time, cancellationToken))
            {
                await Note(item, chunks);
                switch (item)
                {
                    case FlowProgress.Text { Value: var text }:
                        events ??= await BeginAsync(context, chunks, cancellationToken);
                        await events.WriteJsonAsync(chunks.Text(text), OpenAIJson.Default.ChatCompletionChunk, cancellationToken: cancellationToken);
                        break;
                    case null:
                        events ??= await BeginAsync(context, chunks, cancellationToken);
                        await events.WriteKeepAliveAsync(cancellationToken);
                        break;
                }
            }

            var answer = await asking;
            events ??= await BeginAsync(context, chunks, cancellationToken);
            await events.WriteJsonAsync(chunks.End(), OpenAIJson.Default.ChatCompletionChunk, cancellationToken: cancellationToken);
            if (withUsage)
            {
                await events.WriteJsonAsync(chunks.Usage(answer), OpenAIJson.Default.ChatCompletionChunk, cancellationToken: cancellationToken);
            }

            await events.WriteAsync("[DONE]"u8.ToArray(), cancellationToken: cancellationToken);
        }
        finally
        {
            events?.Dispose();
            await stop.CancelAsync();
            await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<FlowAnswer> AskAsync(FlowQuestion question, ChannelWriter<FlowProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await flows.AskAsync(question, item => progress.WriteAsync(item, cancellationToken), cancellationToken);
        }
        finally
        {
            progress.Complete();
        }
    }

    private static ValueTask Note(FlowProgress? progress, ChatChunks chunks)
    {
        if (progress is FlowProgress.Begun { Id: var run })
        {
            chunks.Of(run);
        }

        return ValueTask.CompletedTask;
    }

    private static async Task<SseWriter> BeginAsync(HttpContext context, ChatChunks chunks, CancellationToken cancellationToken)
    {
        var events = SseWriter.Start(context.Response);
        await events.WriteJsonAsync(chunks.Role(), OpenAIJson.Default.ChatCompletionChunk, cancellationToken: cancellationToken);
        return events;
    }

    /// <summary>As the answer, or as the last event of a stream that has begun: clients of OpenAI raise either.</summary>
    private static async Task FailAsync(HttpContext context, OpenAIProblem problem)
    {
        if (!context.Response.HasStarted)
        {
            await OpenAIProblemWriter.WriteAsync(context, problem);
        }
        else if (!context.RequestAborted.IsCancellationRequested)
        {
            using var events = new SseWriter(context.Response.BodyWriter);
            await events.WriteJsonAsync(new ErrorEnvelope(problem.Body), OpenAIJson.Default.ErrorEnvelope, cancellationToken: context.RequestAborted);
        }
    }

    [LoggerMessage(4501, LogLevel.Warning, "The flow {Flow} gave no answer in run {Run}: {Status} {Code}; its caller was told why")]
    private static partial void LogFailed(ILogger logger, string flow, Guid? run, int status, string code);

    [LoggerMessage(4502, LogLevel.Error, "The answer of the flow {Flow} broke off")]
    private static partial void LogBroke(ILogger logger, Exception error, string flow);
}
