using AiFactory.Builder.Published;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;

namespace AiFactory.Builder.Threads.Targets;

/// <summary>The newest revision of a flow: its author tries it out in a thread before it is published.</summary>
internal sealed class FlowTarget(FlowAnswers flows) : IThreadTarget
{
    public string Kind => ThreadTarget.Flow;

    public async Task<ThreadAnswer> AnswerAsync(ThreadTurn turn, Func<ThreadProgress, ValueTask> report, CancellationToken cancellationToken)
    {
        var question = new FlowQuestion(
            turn.Thread.Project,
            turn.Target.Name,
            Revision: null,
            turn.Question,
            [.. ThreadConversation.History(turn).Select(message => new FlowMessage(message.Role, message.Content))],
            turn.Author,
            turn.Thread.Id);
        try
        {
            var answer = await flows.AskAsync(question.Fitting(RunService.LargestInput), progress => Progress(progress) is { } shown ? report(shown) : ValueTask.CompletedTask, cancellationToken);
            return new ThreadAnswer(
                answer.Text,
                answer.RunId,
                [.. answer.Passages.Select(passage => new ThreadPassage(passage.KnowledgeBase, passage.DocumentId, passage.DocumentName, passage.Start, passage.End, passage.Text))]);
        }
        catch (FlowFailedException error)
        {
            throw new ThreadAnswerException(error.Message, error.Status, error.Code, error);
        }
    }

    private static ThreadProgress? Progress(FlowProgress progress) => progress switch
    {
        FlowProgress.Text { Value: var text } => new ThreadProgress.Text(text),
        FlowProgress.Step { Event: var happened } when State(happened.Type) is { } state => new ThreadProgress.Step(
            new ThreadStep("step", state, Node: happened.Node, Error: Error(happened))),
        _ => null,
    };

    private static string? State(string type) => type switch
    {
        RunEventTypes.StepStarted => "started",
        RunEventTypes.StepFinished => "succeeded",
        RunEventTypes.StepFailed => "failed",
        RunEventTypes.StepRetried => "retried",
        RunEventTypes.StepSkipped => "skipped",
        _ => null,
    };

    private static string? Error(RunEventResponse happened) =>
        happened.Data is { ValueKind: System.Text.Json.JsonValueKind.Object } data && data.TryGetProperty("error", out var error) ? error.GetString() : null;
}
