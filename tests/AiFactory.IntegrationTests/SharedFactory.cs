namespace AiFactory.IntegrationTests;

/// <summary>The tests that share one running factory (<see cref="FactoryFixture"/>), one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedFactory
{
    public const string Name = "a running factory";
}
