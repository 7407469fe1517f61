using AiFactory.Testing.Factory;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AiFactory.IntegrationTests;

/// <summary>One running factory for the tests that leave it as they found it.</summary>
public sealed class FactoryFixture : IAsyncLifetime
{
    private FactoryProcess? _factory;

    public FactoryProcess Factory => _factory ?? throw new InvalidOperationException("The factory has not been started.");

    public async ValueTask InitializeAsync() => _factory = await FactoryProcess.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_factory is not null)
        {
            await _factory.DisposeAsync();
        }
    }
}
