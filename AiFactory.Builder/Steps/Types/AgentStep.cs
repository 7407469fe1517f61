using System.Text.Json;
using AiFactory.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>An agent's answer, shown piece by piece while it comes. The agent's own limits on steps and time hold.</summary>
internal sealed class AgentStep(AgentStore agents, AgentRunner runner) : IStepType
{
    private const string Agent = "agent";

    /// <summary>Longer than any agent may take. It is not tried again by itself: its tools may have had effects.</summary>
    private static readonly StepPolicy Waits = new(TimeSpan.FromMinutes(11), 0);

    public StepTypeResponse Description { get; } = new(
        "agent", "Agent", "Lets an agent answer, with its tools and knowledge bases.",
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
            var call = new AgentCall(agent, Conversation.Of(context.Inputs, "text"), context.IdempotencyKey);
            var answer = await runner.RunAsync(call, happened => happened is AgentEvent.Delta delta ? context.DeltaAsync(delta.Text) : ValueTask.CompletedTask, cancellationToken);
            var passages = JsonSerializer.SerializeToElement(answer.Passages, JsonSerializerOptions.Web);
            return StepOutcome.Of(("text", PortValues.Text(answer.Text)), ("passages", passages)) with
            {
                PromptTokens = answer.PromptTokens,
                CompletionTokens = answer.CompletionTokens,
                Rulesets = answer.Rulesets,
            };
        }
        catch (AgentException error)
        {
            return new StepOutcome.Failed(error.Message, IsTransient: false) { Detail = error.Detail };
        }
    }
}
