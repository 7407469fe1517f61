namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Model"><c>flow/{alias}</c>, the name to call on the gateway.</param>
public sealed record PublishedFlow(string Alias, string Flow, int Revision, string Model, string PublishedBy, DateTimeOffset PublishedAt);
