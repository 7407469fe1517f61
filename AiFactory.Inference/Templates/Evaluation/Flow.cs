namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>How a body was left.</summary>
internal enum Flow
{
    AtEnd,
    ByBreak,
    ByContinue,
}
