using System.Text;
using System.Text.Json;
using AiFactory.Builder.Models;
using AiFactory.Builder.Rulesets;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.OpenAI;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>A model's answer, shown piece by piece while it comes; one that a ruleset checks is shown when it has passed.</summary>
internal sealed class ModelStep(ModelGateway models, RulesetGuards guards) : IStepType
{
    internal const string Type = "model";

    private const string Rulesets = "rulesets";

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
            new(Rulesets, "Rulesets", SettingKinds.Text, Help: "Names with commas between them: manners, legal@3. Without @ and a number it is the newest version."),
            .. Waiting(Waits),
        ]);

    public StepPolicy Policy => Waits;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        if (ModelGateway.IsFlow(settings.Text("model")))
        {
            yield return ("model", "A flow cannot call a flow as its model: it could call itself without end.");
        }

        foreach (var name in RulesetReference.Split(settings.Text(Rulesets)).Where(name => RulesetReference.Parse(name) is null))
        {
            yield return (Rulesets, $"'{name}' names no ruleset; write manners, or manners@3 for its third version.");
        }
    }

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var guard = await guards.OpenAsync(context.Project, RulesetReference.Split(context.Settings.Text(Rulesets)), cancellationToken);
        if (guard.Missing is [var missing, ..])
        {
            return new StepOutcome.Failed($"There is no ruleset '{missing}'.", IsTransient: false);
        }

        if (Messages(context, guard) is not { Count: > 0 } messages)
        {
            return new StepOutcome.Failed("The model was given nothing to answer: neither a prompt nor a message came.", IsTransient: false);
        }

        var (promptTokens, completionTokens) = (0L, 0L);
        for (var isFirst = true; ; isFirst = false)
        {
            var (text, usage) = await AskAsync(context, messages, guard.HoldsBack, cancellationToken);
            promptTokens += usage?.PromptTokens ?? 0;
            completionTokens += usage?.CompletionTokens ?? 0;
            switch (guard.Check(text))
            {
                case null:
                    await (guard.HoldsBack ? context.DeltaAsync(text) : ValueTask.CompletedTask);
                    return StepOutcome.Of(("text", PortValues.Text(text)), ("usage", JsonSerializer.SerializeToElement(new { promptTokens, completionTokens }))) with
                    {
                        PromptTokens = promptTokens,
                        CompletionTokens = completionTokens,
                        Rulesets = guard.Versions,
                    };
                case { MayAnswerAgain: true } violation when isFirst:
                    messages.AddRange([ModelMessages.Assistant(text), ModelMessages.User(violation.Complaint)]);
                    break;
                case { } violation:
                    return new StepOutcome.Failed(violation.Error, IsTransient: false) { Detail = violation.Detail };
            }
        }
    }

    private async Task<(string Text, Usage? Usage)> AskAsync(StepContext context, IReadOnlyList<ChatRequestMessage> messages, bool holdsBack, CancellationToken cancellationToken)
    {
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
                await (holdsBack ? ValueTask.CompletedTask : context.DeltaAsync(piece));
            }
        }

        return (text.ToString(), usage);
    }

    private static List<ChatRequestMessage> Messages(StepContext context, RulesetGuard guard)
    {
        var messages = Conversation.Of(context.Inputs, "prompt");
        var passages = context.Inputs.First("passages") is { } found ? PortValues.PassageTexts(found) : [];
        if (messages.Count > 0 && PassagePrompt.Write(context.Settings.Text("system"), guard.Rules, passages) is { } system)
        {
            messages.Insert(0, ModelMessages.System(system));
        }

        return messages;
    }
}
