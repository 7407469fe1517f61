using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AiFactory.Builder.Models;
using AiFactory.Builder.Rulesets;
using AiFactory.Builder.Telemetry;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Agents;

/// <summary>Lets an agent answer: asks its model, makes the calls that the model asks for, and asks again with what they gave, until there is an answer or a limit.</summary>
internal sealed class AgentRunner(
    AgentToolbox toolbox, ToolRunner toolRunner, RulesetGuards guards, ModelGateway models, BuilderTelemetry telemetry, TimeProvider time)
{
    /// <summary>Calls that a model may make at once; the rest are refused, and it can make them next.</summary>
    private const int MostCallsAtOnce = 16;

    /// <param name="report">Is told what happens, in order.</param>
    /// <exception cref="AgentException">The agent came to no answer within its limits.</exception>
    /// <exception cref="ModelCallException">Its model did not answer.</exception>
    internal async Task<AgentAnswer> RunAsync(AgentCall call, Func<AgentEvent, ValueTask> report, CancellationToken cancellationToken)
    {
        using var span = telemetry.Source.StartActivity($"invoke_agent {call.Agent.Name}");
        span?.SetTag("gen_ai.operation.name", "invoke_agent");
        span?.SetTag("gen_ai.agent.name", call.Agent.Name);
        span?.SetTag("gen_ai.request.model", call.Agent.Model);
        using var timer = new CancellationTokenSource(TimeSpan.FromSeconds(call.Agent.MaxSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var run = new Run(call, report);
        try
        {
            run.Guard = await guards.OpenAsync(call.Agent.Project, call.Agent.Rulesets, either.Token);
            if (run.Guard.Missing is [var missing, ..])
            {
                throw new AgentException($"The agent '{call.Agent.Name}' is held to the ruleset '{missing}', and there is none.", "ruleset_missing");
            }

            var answer = await LoopAsync(run, either.Token);
            span?.SetTag("gen_ai.usage.input_tokens", answer.PromptTokens);
            span?.SetTag("gen_ai.usage.output_tokens", answer.CompletionTokens);
            return answer;
        }
        catch (OperationCanceledException error) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var message = $"The agent '{call.Agent.Name}' did not finish within its {call.Agent.MaxSeconds} s; it was waiting for {run.WaitsFor}.";
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", "time_limit");
            throw new AgentException(message, "time_limit", error);
        }
        catch (Exception error) when (error is AgentException or ModelCallException)
        {
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", error is AgentException agent ? agent.Code : (error as ModelCallException)?.Code ?? "model_failed");
            throw;
        }
    }

    private async Task<AgentAnswer> LoopAsync(Run run, CancellationToken cancellationToken)
    {
        // 1. What the model is told, and what it may call.
        var agent = run.Call.Agent;
        var tools = await toolbox.OpenAsync(agent, cancellationToken);
        if (PassagePrompt.Write(agent.Instructions, run.Guard.Rules, []) is { } system)
        {
            run.Messages.Add(ModelMessages.System(system));
        }

        run.Messages.AddRange(run.Call.Conversation);
        var request = new ChatCompletionRequest { Model = agent.Model, Messages = run.Messages, Tools = AgentToolbox.Describe(tools) };
        for (var (step, last) = (1, agent.MaxSteps); step <= last; step++)
        {
            // 2. Ask. An answer without calls is the answer, if its rulesets let it pass.
            run.WaitsFor = $"the model '{agent.Model}'";
            var turn = await AskAsync(run, request, cancellationToken);
            var calls = turn.Calls(step);
            if (calls.Count == 0)
            {
                if (run.Guard.Check(run.Said.ToString()) is { } violation)
                {
                    AnswerAgain(run, turn, violation);
                    last = Math.Max(last, step + 1);
                    continue;
                }

                await ShowHeldAsync(run);
                return new AgentAnswer(run.Said.ToString(), run.Passages.All, step, run.PromptTokens, run.CompletionTokens) { Rulesets = run.Guard.Versions };
            }

            // 3. Make the calls, unless nobody would read what they give.
            if (step < last)
            {
                run.Messages.Add(ModelMessages.Assistant(turn.Text) with { ToolCalls = JsonSerializer.SerializeToElement(calls.Select(Wire)) });
                await CallAsync(run, tools, calls, cancellationToken);
            }
        }

        throw new AgentException(
            $"The agent '{agent.Name}' did not come to an answer within its {agent.MaxSteps} steps: in the last one its model still called tools.", "step_limit");
    }

    private async Task<ModelTurn> AskAsync(Run run, ChatCompletionRequest request, CancellationToken cancellationToken)
    {
        var turn = new ModelTurn();
        await foreach (var chunk in models.StreamAsync(run.Call.Agent.Project, request, cancellationToken))
        {
            var begins = !turn.HasText;
            if (turn.Add(chunk) is { } piece)
            {
                // What it says before it calls a tool is a paragraph of its own.
                var text = begins && run.Said.Length > 0 ? $"\n\n{piece}" : piece;
                run.Said.Append(text);
                await (run.Guard.HoldsBack ? ValueTask.CompletedTask : run.Report(new AgentEvent.Delta(text)));
            }
        }

        run.PromptTokens += turn.Usage?.PromptTokens ?? 0;
        run.CompletionTokens += turn.Usage?.CompletionTokens ?? 0;
        return turn;
    }

    private async Task CallAsync(Run run, IReadOnlyDictionary<string, IAgentTool> tools, IReadOnlyList<ToolCall> calls, CancellationToken cancellationToken)
    {
        for (var i = 0; i < calls.Count; i++)
        {
            var (call, began) = (calls[i], time.GetTimestamp());
            run.WaitsFor = $"the tool '{call.Function.Name}'";
            await run.Report(new AgentEvent.ToolStarted(call.Id, call.Function.Name, call.Function.Arguments));
            var key = run.Call.IdempotencyKey is { } prefix ? $"{prefix}/{run.Keys.Next(call)}" : null;
            var outcome = i < MostCallsAtOnce
                ? await toolRunner.CallAsync(tools, call, new ToolCallContext(run.Call.Agent.Project, key, run.Passages), cancellationToken)
                : new ToolOutcome.Failed($"At most {MostCallsAtOnce} calls can be made at once.");
            await run.Report(new AgentEvent.ToolEnded(call.Id, call.Function.Name, call.Function.Arguments, outcome, time.GetElapsedTime(began)));
            run.Messages.Add(ModelMessages.Tool(call.Id, outcome.Content));
        }
    }

    /// <summary>The model is told once what was wrong with its answer; all that it has said before counts no more.</summary>
    /// <exception cref="AgentException">It has been told already, or its ruleset gives it no second try.</exception>
    private static void AnswerAgain(Run run, ModelTurn turn, RulesetViolation violation)
    {
        if (run.WasRejected || !violation.MayAnswerAgain)
        {
            throw new AgentException(violation.Error, "ruleset_violated") { Detail = violation.Detail };
        }

        run.WasRejected = true;
        run.Said.Clear();
        run.Messages.Add(ModelMessages.Assistant(turn.Text));
        run.Messages.Add(ModelMessages.User(violation.Complaint));
    }

    private static ValueTask ShowHeldAsync(Run run) =>
        run.Guard.HoldsBack && run.Said.Length > 0 ? run.Report(new AgentEvent.Delta(run.Said.ToString())) : ValueTask.CompletedTask;

    private static object Wire(ToolCall call) => new { id = call.Id, type = call.Type, function = new { name = call.Function.Name, arguments = call.Function.Arguments } };

    /// <summary>How far one answer has come.</summary>
    private sealed class Run(AgentCall call, Func<AgentEvent, ValueTask> report)
    {
        internal AgentCall Call => call;

        internal Func<AgentEvent, ValueTask> Report => report;

        internal List<ChatRequestMessage> Messages { get; } = [];

        internal RulesetGuard Guard { get; set; } = RulesetGuard.None;

        /// <summary>Whether an answer was rejected already.</summary>
        internal bool WasRejected { get; set; }

        /// <summary>All that the model has said to the user: its answer.</summary>
        internal StringBuilder Said { get; } = new();

        internal FoundPassages Passages { get; } = new();

        internal ToolCallKeys Keys { get; } = new();

        /// <summary>For the sentence that says why there was no answer in time.</summary>
        internal string WaitsFor { get; set; } = "the database";

        internal long PromptTokens { get; set; }

        internal long CompletionTokens { get; set; }
    }
}
