namespace AiFactory.Contracts.OpenAI;

public sealed record RerankDocument(string Text);
