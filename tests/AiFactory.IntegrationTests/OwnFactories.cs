namespace AiFactory.IntegrationTests;

/// <summary>The tests that start factories of their own: one after the other, beside those that share one.</summary>
[CollectionDefinition(Name)]
public sealed class OwnFactories
{
    public const string Name = "factories of their own";
}
