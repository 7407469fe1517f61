using System.Text;
using System.Text.Json;
using AiFactory.Builder.Models;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.OpenAI;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>A model's answer, shown piece by piece while it comes.</summary>
internal sealed class ModelStep(ModelGateway models) : IStepType
{
    internal const string Type = "model";

    private static readonly StepPolicy Waits = new(TimeSpan.FromMinutes(5), 2);

    public StepTypeResponse Description { get; } = new(
        Type, "Model", "Asks a model. With passages, it answers only from them and cites them.",
        [Takes("prompt", PortTypes.Text), Takes("messages", PortTypes.Messages), Takes("passages", PortTypes.Passages)],
        [Gives("text", PortTypes.Text), Gives("usage", PortTypes.Json)],
        [
            new("model", "Model", SettingKinds.Model, Required: true),
            new("system", "System prompt", SettingKinds.LongText, Help: "Who the model is and how it answers."),
            new("temperature", "Temperature", SettingKinds.Number, Help: "The model's own when empty; 0 answers the same each time.", Min: 0, Max: 2),
            new("maxTokens", "Longest answer in tokens", SettingKinds.Number, Min: 1, Max: 1_000_000),
            .. Waiting(Waits),
        ]);

    public StepPolicy Policy => Waits;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        if (ModelGateway.IsFlow(settings.Text("model")))
        {
            yield return ("model", "A flow cannot call a flow as its model: it could call itself without end.");
        }
    }

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (Messages(context) is not { Count: > 0 } messages)
        {
            return new StepOutcome.Failed("The model was given nothing to answer: neither a prompt nor a message came.", IsTransient: false);
        }

        var request = new ChatCompletionRequest
        {
            Model = context.Settings.Text("model"),
            Messages = messages,
            Temperature = context.Settings.Number("temperature"),
            MaxTokens = context.Settings.Integer("maxTokens"),
        };
        var text = new StringBuilder();
        Usage? usage = null;
        await foreach (var chunk in models.StreamAsync(context.Project, request, cancellationToken))
        {
            usage = chunk.Usage ?? usage;
            if (chunk.Choices is [{ Delta.Content: { } piece }, ..])
            {
                text.Append(piece);
                await context.DeltaAsync(piece);
            }
        }

        var tokens = new { promptTokens = usage?.PromptTokens ?? 0, completionTokens = usage?.CompletionTokens ?? 0 };
        return StepOutcome.Of(("text", PortValues.Text(text.ToString())), ("usage", JsonSerializer.SerializeToElement(tokens))) with
        {
            PromptTokens = tokens.promptTokens,
            CompletionTokens = tokens.completionTokens,
        };
    }

    private static List<ChatRequestMessage> Messages(StepContext context)
    {
        var messages = Conversation.Of(context.Inputs, "prompt");
        var passages = context.Inputs.First("passages") is { } found ? PortValues.PassageTexts(found) : [];
        if (messages.Count > 0 && PassagePrompt.Write(context.Settings.Text("system"), [], passages) is { } system)
        {
            messages.Insert(0, ModelMessages.System(system));
        }

        return messages;
    }
}
