using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Published;

/// <summary>Asks a flow a question: starts a run, follows it, and cancels it when nobody waits for its answer any more.</summary>
internal sealed class FlowAnswers(RunService runs, RunEvents events)
{
    /// <param name="report">Is told what happens, in order.</param>
    /// <exception cref="FlowFailedException">The flow gave no answer.</exception>
    internal async Task<FlowAnswer> AskAsync(FlowQuestion question, Func<FlowProgress, ValueTask> report, CancellationToken cancellationToken)
    {
        var start = new RunStart(question.Project, question.Flow, question.Revision, question.Input(), question.ThreadId, question.Actor, question.Bodies);

        // Not given up half-way: a run that has been started by then would go on with nobody to cancel it.
        var started = await runs.StartAsync(start, CancellationToken.None);
        if (started is not Outcome<RunRow>.Done { Value: var run })
        {
            throw Refusal(started);
        }

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await report(new FlowProgress.Begun(run.Id));
            return await FollowAsync(run, question.Actor, report, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Who asked has left: nothing of the run is wanted any more.
            await runs.CancelAsync(run.Project, question.Actor, run.Id, CancellationToken.None);
            throw;
        }
    }

    private async Task<FlowAnswer> FollowAsync(RunRow run, string reader, Func<FlowProgress, ValueTask> report, CancellationToken cancellationToken)
    {
        var answer = new AnswerText();
        await foreach (var happened in events.FollowAsync(run, 0, withOutputs: false, cancellationToken))
        {
            if (happened.Type != RunEventTypes.StepDelta)
            {
                await ReportAsync(happened, report);
            }
            else if (happened.Data?.Deserialize(RunJson.Default.DeltaData) is { Answer: true } delta
                && answer.Add(happened.Node ?? "", happened.Attempt ?? 0, delta.Offset, delta.Text) is { } text)
            {
                await report(new FlowProgress.Text(text));
            }
        }

        // The run is over: it is read once more, with its output and its usage.
        if (await runs.FindAsync(run.Project, reader, run.Id, cancellationToken) is not Outcome<RunResponse>.Done { Value: var ended })
        {
            throw new FlowFailedException("The run is gone.", StatusCodes.Status502BadGateway, "flow_failed", run.Id);
        }

        if (ended.State != RunStates.Succeeded)
        {
            throw ended.State == RunStates.Cancelled
                ? new FlowFailedException("The run was cancelled.", StatusCodes.Status409Conflict, "flow_cancelled", run.Id)
                : new FlowFailedException(ended.Error ?? "The run failed.", StatusCodes.Status502BadGateway, "flow_failed", run.Id);
        }

        var whole = RunOutput.Text(ended);
        if (answer.End(whole) is { } rest)
        {
            await report(new FlowProgress.Text(rest));
        }

        return new FlowAnswer(run.Id, ended.Revision, whole, RunOutput.Passages(ended), ended.Usage);
    }

    private static ValueTask ReportAsync(RunEventResponse happened, Func<FlowProgress, ValueTask> report) =>
        happened.Node is null ? ValueTask.CompletedTask : report(new FlowProgress.Step(happened));

    private static FlowFailedException Refusal(Outcome<RunRow> outcome)
    {
        var problem = outcome.Problem().ProblemDetails;
        var status = problem.Status ?? StatusCodes.Status400BadRequest;
        return new FlowFailedException(problem.Detail ?? "The flow cannot run.", status, status switch
        {
            StatusCodes.Status404NotFound => "flow_not_found",
            StatusCodes.Status429TooManyRequests => "too_many_runs",
            _ => "flow_not_runnable",
        });
    }
}
