using System.Text.Json;
using AiFactory.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>An agent's answer. The agent's own limits on steps and time hold; what its model says between its calls is not the answer, so nothing is shown before the end.</summary>
internal sealed class AgentStep(AgentStore agents, AgentRunner runner) : IStepType
{
    private const string Agent = "agent";

    private static readonly StepPolicy Waits = new(TimeSpan.FromMinutes(5), 1);

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
            var answer = await runner.RunAsync(call, _ => ValueTask.CompletedTask, cancellationToken);
            await context.DeltaAsync(answer.Text);
            var passages = JsonSerializer.SerializeToElement(answer.Passages, JsonSerializerOptions.Web);
            return StepOutcome.Of(("text", PortValues.Text(answer.Text)), ("passages", passages)) with
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
}
