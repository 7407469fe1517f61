using AiFactory.ServiceDefaults.Tests.Objects;
using AiFactory.Testing.S3;

[assembly: AssemblyFixture(typeof(S3Fixture))]

namespace AiFactory.ServiceDefaults.Tests.Objects;

/// <summary>One S3 server for all tests of this project, started by the first that asks.</summary>
public sealed class S3Fixture : IAsyncDisposable
{
    private readonly Lazy<Task<S3Server>> _server = new(() => S3Server.StartAsync(TestContext.Current.CancellationToken));

    public Task<S3Server> ServerAsync() => _server.Value;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
