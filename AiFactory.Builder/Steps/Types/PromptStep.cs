using AiFactory.Builder.Templates;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>A text made of what comes in.</summary>
internal sealed class PromptStep : IStepType
{
    private const string Template = "template";

    public StepTypeResponse Description { get; } = new(
        "prompt", "Prompt", "Writes a text from a template. {{text}} is all that comes in; the name of a connected step is what that step gave.",
        [Takes("text", PortTypes.Any, multiple: true)],
        [Gives("text", PortTypes.Text)],
        [new(Template, "Template", SettingKinds.LongText, Required: true, Default: Default("{{text}}"), Help: "For example: Summarise this in one sentence: {{text}}")]);

    public StepPolicy Policy => StepPolicy.Local;

    public IEnumerable<string> Variables(StepSettings settings) => TemplateText.Variables(settings.Text(Template));

    public Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<StepOutcome>(StepOutcome.Of(("text", PortValues.Text(TemplateText.Fill(context.Settings.Text(Template), context.Inputs.Variable, most: context.MaxOutputBytes)))));
}
