using AiFactory.IntegrationTests.Console;
using AiFactory.Testing.Factory;
using AiFactory.Testing.Oidc;

// Much of a test's time is waiting for what it started: beside the tests that share a factory run those that start their own.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: AssemblyFixture(typeof(AiFactory.IntegrationTests.FactoryFixture))]

namespace AiFactory.IntegrationTests;

/// <summary>
/// One running factory for the tests that leave it as they found it, with an identity provider whose people can sign in: <c>ada</c> is one of the developers of its project, <c>eve</c> in no
/// group that means anything there. It has started before any test begins: two factories that start for the first time on a machine would both fetch their parts and prepare the console's.
/// </summary>
public sealed class FactoryFixture : IAsyncLifetime
{
    private readonly OidcServer _provider = new();
    private FactorySettings? _settings;
    private FactoryProcess? _factory;

    public FactoryProcess Factory => _factory ?? throw new InvalidOperationException("The factory has not been started.");

    public ConsoleBrowser Browser { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _settings = FactorySettings.Fresh();
        var issuer = await _provider.IssuerAsync(new { groups = new { ada = new[] { "developers" }, eve = new[] { "a club" } } });
        await issuer.AdmitAsync(_settings.GatewayAddress);
        _factory = await FactoryProcess.StartAsync(_settings with { Extra = issuer.SignInSettings.ToDictionary(setting => Variable(setting.Name), setting => setting.Value) });
        using var client = _factory.CreateClient();
        await Faults.KilledProcessTests.EventuallyAsync(async () => await IsServedAsync(client), "the console is served");
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        if (_factory is not null)
        {
            await _factory.DisposeAsync();
        }

        if (_settings is not null)
        {
            await _settings.DisposeAsync();
        }

        await _provider.DisposeAsync();
    }

    private static async Task<bool> IsServedAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>As whoever runs the AppHost gives it: the secret is a parameter.</summary>
    private static string Variable(string setting) => setting == "Oidc:ClientSecret" ? "Parameters__oidc_client_secret" : setting.Replace(":", "__", StringComparison.Ordinal);
}
