using System.Text;
using System.Threading.Channels;
using AiFactory.Builder.Streaming;
using AiFactory.Builder.Threads.Targets;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Problems;
using AiFactory.ServiceDefaults.Streaming;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Threads;

/// <summary>Has a message answered and writes what happens as events, the last of them <c>message.done</c> or <c>message.failed</c>.</summary>
internal sealed partial class ThreadAnswerStream(
    ThreadService service, ThreadTargets targets, IOptions<ThreadOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ThreadAnswerStream> logger)
{
    private const int Ahead = 256;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Leases _leases = new(options.Value.Lease, time);

    internal async Task WriteAsync(ThreadTurn turn, HttpResponse response, CancellationToken cancellationToken)
    {
        var shown = new Shown();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        using var events = SseWriter.Start(response);
        try
        {
            var answer = await _leases.HoldAsync((_, token) => service.RenewAsync(turn, token), held => ShowAsync(turn, events, shown, held), end.Token);
            var message = await service.EndAsync(turn, answer with { Steps = shown.Calls }, CancellationToken.None) ?? throw new LeaseLostException();
            await events.WriteJsonAsync(new ThreadDone(message), ThreadJson.Default.ThreadDone, ThreadEvents.Done, cancellationToken);
        }
        catch (LeaseLostException)
        {
            await FailAsync(turn, events, new ThreadAnswerException("The thread was deleted, or answers another message by now.", StatusCodes.Status409Conflict, "thread_lost"), cancellationToken);
        }
        catch (ThreadAnswerException error)
        {
            LogFailed(logger, turn.Thread.Id, error.Status, error.Code);
            await FailAsync(turn, events, error, cancellationToken);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && cancellationToken.IsCancellationRequested)
        {
            // Who asked has left or stopped it: what they have read of the answer stays in the thread. An answer that was kept before is no more ours to keep.
            await service.EndAsync(turn, shown.Answer, CancellationToken.None);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await service.EndAsync(turn, shown.Answer, CancellationToken.None);
            await FailAsync(turn, events, new ThreadAnswerException("The service is being stopped: ask again.", StatusCodes.Status503ServiceUnavailable, "stopping"), cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogBroke(logger, error, turn.Thread.Id);
            await FailAsync(turn, events, new ThreadAnswerException("The answer failed for a reason that is in the service's log under this request id.", 500, null), cancellationToken);
        }
    }

    /// <summary>The answer is made beside the writing, so that a silent model does not make a silent stream.</summary>
    private async Task<ThreadAnswer> ShowAsync(ThreadTurn turn, SseWriter events, Shown shown, CancellationToken cancellationToken)
    {
        var progress = Channel.CreateBounded<ThreadProgress>(Ahead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = AnswerAsync(turn, progress.Writer, stop.Token);
        try
        {
            await foreach (var item in progress.Reader.ReadAllWithPausesAsync(Pause, time, cancellationToken))
            {
                await WriteAsync(events, item, shown, cancellationToken);
            }

            return await answering;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ThreadAnswer> AnswerAsync(ThreadTurn turn, ChannelWriter<ThreadProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await targets.Of(turn.Target).AnswerAsync(turn, item => progress.WriteAsync(item, cancellationToken), cancellationToken);
        }
        finally
        {
            progress.Complete();
        }
    }

    private static async Task WriteAsync(SseWriter events, ThreadProgress? item, Shown shown, CancellationToken cancellationToken)
    {
        switch (item)
        {
            case ThreadProgress.Text { Value: var text }:
                shown.Text.Append(text);
                await events.WriteJsonAsync(new ThreadDelta(text), ThreadJson.Default.ThreadDelta, ThreadEvents.Delta, cancellationToken);
                break;
            case ThreadProgress.Step { Value: var step }:
                shown.Add(step);
                await events.WriteJsonAsync(step, ThreadJson.Default.ThreadStep, ThreadEvents.Step, cancellationToken);
                break;
            default:
                await events.WriteKeepAliveAsync(cancellationToken);
                break;
        }
    }

    private async Task FailAsync(ThreadTurn turn, SseWriter events, ThreadAnswerException error, CancellationToken cancellationToken)
    {
        await service.EndAsync(turn, null, CancellationToken.None);
        var (type, title) = ProblemTypes.ForStatus(error.Status) ?? (ProblemTypes.Internal, "The answer failed");
        var problem = new ThreadProblem(type, title, error.Status, error.Message, error.Code);
        await events.WriteJsonAsync(new ThreadFailed(problem), ThreadJson.Default.ThreadFailed, ThreadEvents.Failed, cancellationToken);
    }

    /// <summary>What who asked has seen so far.</summary>
    private sealed class Shown
    {
        internal StringBuilder Text { get; } = new();

        internal List<ThreadStep> Calls { get; } = [];

        internal ThreadAnswer? Answer => Text.Length > 0 ? new ThreadAnswer(Text.ToString()) { Steps = Calls } : null;

        internal void Add(ThreadStep step)
        {
            if (step is { Type: ThreadStep.ToolType, State: not ThreadStep.Started })
            {
                Calls.Add(step);
            }
        }
    }

    [LoggerMessage(4401, LogLevel.Warning, "Thread {Thread} got no answer: {Status} {Code}; its author was told why")]
    private static partial void LogFailed(ILogger logger, Guid thread, int status, string? code);

    [LoggerMessage(4402, LogLevel.Error, "The answer in thread {Thread} failed")]
    private static partial void LogBroke(ILogger logger, Exception error, Guid thread);
}
