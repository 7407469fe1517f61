namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Alias">The model becomes <c>flow/{alias}</c>.</param>
/// <param name="Revision">The newest when null.</param>
public sealed record PublishRequest(string Alias, int? Revision);
