using System.Text.Json;
using AiFactory.Builder.Models;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Agents;

/// <summary>An agent's answer as a step of a flow.</summary>
internal sealed class AgentStep(AgentStore agents, AgentRunner runner) : IStepType
{
    private const string Agent = "agent";

    /// <summary>Longer than any agent may take; an agent is not tried again by itself, for its tools may have had effects.</summary>
    private static readonly StepPolicy Waits = new(TimeSpan.FromSeconds(660), 0);

    public StepTypeResponse Description { get; } = new(
        Agent, "Agent", "Lets an agent answer, with its tools and knowledge bases.",
        [Needs("text", PortTypes.Text), Takes("messages", PortTypes.Messages)],
        [Gives("text", PortTypes.Text), Gives("passages", PortTypes.Passages)],
        [new(Agent, "Agent", SettingKinds.Agent, Required: true), .. Waiting(Waits)]);

    public StepPolicy Policy => Waits;

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var name = context.Settings.Text(Agent);
        if (await agents.FindAsync(context.Project, name, cancellationToken) is not { } agent)
        {
            return new StepOutcome.Failed($"There is no agent '{name}'.", IsTransient: false);
        }

        try
        {
            var call = new AgentCall(agent, [.. Conversation(context).Select(message => ModelMessages.Of(message.Role, message.Content))], context.IdempotencyKey);
            var answer = await runner.RunAsync(call, happened => happened is AgentEvent.Delta delta ? context.DeltaAsync(delta.Text) : ValueTask.CompletedTask, cancellationToken);
            return StepOutcome.Of(("text", PortValues.Text(answer.Text)), ("passages", JsonSerializer.SerializeToElement(answer.Passages, JsonSerializerOptions.Web))) with
            {
                PromptTokens = answer.PromptTokens,
                CompletionTokens = answer.CompletionTokens,
            };
        }
        catch (AgentException error)
        {
            return new StepOutcome.Failed(error.Message, IsTransient: false);
        }
    }

    /// <summary>The conversation, its last question replaced by the text.</summary>
    private static List<(string Role, string Content)> Conversation(StepContext context)
    {
        var messages = context.Inputs.First("messages") is { } given ? PortValues.Messages(given).ToList() : [];
        if (messages is [.., { Role: "user" }])
        {
            messages.RemoveAt(messages.Count - 1);
        }

        messages.Add(("user", context.Inputs.Text("text") ?? ""));
        return messages;
    }
}
