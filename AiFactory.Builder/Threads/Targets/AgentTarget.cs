using AiFactory.Builder.Agents;
using AiFactory.Builder.Models;
using AiFactory.Contracts.Builder.Threads;

namespace AiFactory.Builder.Threads.Targets;

internal sealed class AgentTarget(AgentStore agents, AgentRunner runner) : IThreadTarget
{
    /// <summary>Of a tool's result, to be shown; the model reads more.</summary>
    private const int ShownResult = 2000;

    public string Kind => ThreadTarget.Agent;

    public async Task<ThreadAnswer> AnswerAsync(ThreadTurn turn, Func<ThreadProgress, ValueTask> report, CancellationToken cancellationToken)
    {
        if (await agents.FindAsync(turn.Thread.Project, turn.Target.Name, cancellationToken) is not { } agent)
        {
            throw new ThreadAnswerException($"There is no agent '{turn.Target.Name}'.", StatusCodes.Status404NotFound, "agent_not_found");
        }

        try
        {
            var answer = await runner.RunAsync(new AgentCall(agent, ThreadConversation.Messages(turn)), happened => report(Progress(happened)), cancellationToken);
            return new ThreadAnswer(answer.Text, Passages: [.. answer.Passages.Select(passage =>
                new ThreadPassage(passage.KnowledgeBase, passage.DocumentId, passage.DocumentName, passage.Start, passage.End, passage.Text))]);
        }
        catch (AgentException error)
        {
            var status = error.Code == "time_limit" ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
            throw new ThreadAnswerException(error.Detail ?? error.Message, status, error.Code, error);
        }
        catch (ModelCallException error)
        {
            throw new ThreadAnswerException(error.Message, error.Status ?? StatusCodes.Status502BadGateway, error.Code, error);
        }
    }

    private static ThreadProgress Progress(AgentEvent happened) => happened switch
    {
        AgentEvent.Delta delta => new ThreadProgress.Text(delta.Text),
        AgentEvent.ToolStarted tool => new ThreadProgress.Step(new ThreadStep(ThreadStep.ToolType, ThreadStep.Started, Tool: tool.Tool, CallId: tool.CallId, Arguments: tool.Arguments)),
        AgentEvent.ToolEnded tool => new ThreadProgress.Step(Ended(tool)),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not shown."),
    };

    private static ThreadStep Ended(AgentEvent.ToolEnded tool) => new(
        ThreadStep.ToolType,
        tool.Outcome is ToolOutcome.Failed ? "failed" : "succeeded",
        Tool: tool.Tool,
        CallId: tool.CallId,
        Arguments: tool.Arguments,
        Result: tool.Outcome is ToolOutcome.Answered { Text: var text } ? text.Length > ShownResult ? text[..ShownResult] : text : null,
        Error: (tool.Outcome as ToolOutcome.Failed)?.Error,
        Milliseconds: tool.Duration.TotalMilliseconds);
}
