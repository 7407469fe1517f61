using AiFactory.Testing.Factory;
using AiFactory.Testing.Oidc;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AiFactory.IntegrationTests;

/// <summary>
/// One running factory for the tests that leave it as they found it, with an identity provider whose people can sign in: <c>ada</c> is one of the developers of its project, <c>eve</c> in no
/// group that means anything there.
/// </summary>
public sealed class FactoryFixture : IAsyncLifetime
{
    private readonly OidcServer _provider = new();
    private FactorySettings? _settings;
    private FactoryProcess? _factory;

    public FactoryProcess Factory => _factory ?? throw new InvalidOperationException("The factory has not been started.");

    public async ValueTask InitializeAsync()
    {
        _settings = FactorySettings.Fresh();
        var issuer = await _provider.IssuerAsync(new { groups = new { ada = new[] { "developers" }, eve = new[] { "a club" } } });
        await issuer.AdmitAsync(_settings.GatewayAddress);
        _factory = await FactoryProcess.StartAsync(_settings with { Extra = issuer.SignInSettings.ToDictionary(setting => Variable(setting.Name), setting => setting.Value) });
    }

    public async ValueTask DisposeAsync()
    {
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

    /// <summary>As whoever runs the AppHost gives it: the secret is a parameter.</summary>
    private static string Variable(string setting) => setting == "Oidc:ClientSecret" ? "Parameters__oidc_client_secret" : setting.Replace(":", "__", StringComparison.Ordinal);
}
