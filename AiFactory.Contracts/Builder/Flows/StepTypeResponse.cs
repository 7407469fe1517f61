namespace AiFactory.Contracts.Builder.Flows;

/// <summary>A kind of step: canvas and forms are drawn from it.</summary>
/// <param name="Type">For example <c>model</c>.</param>
public sealed record StepTypeResponse(
    string Type,
    string Title,
    string Description,
    IReadOnlyList<StepInput> Inputs,
    IReadOnlyList<StepOutput> Outputs,
    IReadOnlyList<StepSetting> Settings);
