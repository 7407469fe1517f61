using System.Security.Cryptography;
using AiFactory.Hosting.Orchestration.Endpoints;
using Microsoft.Extensions.Configuration;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// Addresses and keys of one run. They are fixed before the dashboard is there, so that resources need not wait for it and a
/// dashboard that crashed comes back as the same.
/// </summary>
internal sealed record DashboardSettings
{
    private const string DefaultFrontend = "http://localhost:18888";
    private const int KeyBytes = 16;

    public required Uri Frontend { get; init; }

    /// <summary>OTLP over HTTP.</summary>
    public required Uri Otlp { get; init; }

    public required string BrowserToken { get; init; }

    public required string OtlpKey { get; init; }

    public required string ApiKey { get; init; }

    public required string ResourceServiceKey { get; init; }

    public Uri Login => new(Frontend, $"/login?t={BrowserToken}");

    /// <summary>Aspire's settings: the AppHost's launch profile holds the addresses.</summary>
    public static DashboardSettings From(IConfiguration configuration) => new()
    {
        Frontend = Address(configuration["ASPNETCORE_URLS"] ?? DefaultFrontend),
        Otlp = Address(configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] ?? "http://localhost:0"),
        BrowserToken = configuration["AppHost:BrowserToken"] ?? configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? NewKey(),
        OtlpKey = configuration["AppHost:OtlpApiKey"] ?? NewKey(),
        ApiKey = configuration["AppHost:DashboardApiKey"] ?? NewKey(),
        ResourceServiceKey = NewKey(),
    };

    private static string NewKey() => RandomNumberGenerator.GetHexString(2 * KeyBytes, lowercase: true);

    /// <summary>The first of several; port 0 becomes a free one now, because it must stay the same over restarts.</summary>
    private static Uri Address(string urls)
    {
        var first = new Uri(urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[0], UriKind.Absolute);
        return first.Port == 0 ? new UriBuilder(first) { Port = LoopbackListener.FreePort() }.Uri : first;
    }
}
