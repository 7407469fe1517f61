namespace AiFactory.IntegrationTests;

/// <summary>The tests that share one running factory.</summary>
[CollectionDefinition(Name)]
public sealed class SharedFactory : ICollectionFixture<FactoryFixture>
{
    public const string Name = "a running factory";
}
