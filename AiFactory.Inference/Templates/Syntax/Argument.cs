namespace AiFactory.Inference.Templates.Syntax;

/// <param name="Name">Null for one that is told by its place.</param>
internal sealed record Argument(string? Name, Expression Value);
