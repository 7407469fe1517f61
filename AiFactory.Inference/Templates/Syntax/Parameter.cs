namespace AiFactory.Inference.Templates.Syntax;

/// <summary>A macro's, with what it is when a call leaves it out.</summary>
internal sealed record Parameter(string Name, Expression? Default);
