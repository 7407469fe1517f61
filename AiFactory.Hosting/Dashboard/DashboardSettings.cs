using System.Security.Cryptography;
using AiFactory.Hosting.Orchestration.Endpoints;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// Addresses and keys of one run. They are fixed before the dashboard is there, so that resources need not wait for it and a
/// dashboard that crashed comes back as the same.
/// </summary>
internal sealed record DashboardSettings
{
    private const string FreePort = "http://localhost:0";
    private const int KeyBytes = 16;

    public required Uri Frontend { get; init; }

    /// <summary>OTLP over HTTP.</summary>
    public required Uri Otlp { get; init; }

    public required string BrowserToken { get; init; }

    public required string OtlpKey { get; init; }

    public required string ApiKey { get; init; }

    public required string ResourceServiceKey { get; init; }

    /// <summary>What a browser on this machine is given.</summary>
    public Uri Login => new(Frontend.Host is "0.0.0.0" or "[::]" ? new UriBuilder(Frontend) { Host = "localhost" }.Uri : Frontend, $"/login?t={BrowserToken}");

    /// <summary>Aspire's settings: the AppHost's launch profile holds the addresses.</summary>
    public static DashboardSettings From(IConfiguration configuration) => new()
    {
        Frontend = Address(configuration["ASPNETCORE_URLS"] ?? FreePort),
        Otlp = Address(configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] ?? FreePort),
        BrowserToken = configuration["AppHost:BrowserToken"] ?? configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? NewKey(),
        OtlpKey = configuration["AppHost:OtlpApiKey"] ?? NewKey(),
        ApiKey = configuration["AppHost:DashboardApiKey"] ?? NewKey(),
        ResourceServiceKey = NewKey(),
    };

    /// <summary>The same for a browser, but on a port that nobody has.</summary>
    public DashboardSettings WithFreeFrontend() => this with { Frontend = OnFreePort(Frontend) };

    private static Uri OnFreePort(Uri address) => new UriBuilder(address) { Port = LoopbackListener.FreePort() }.Uri;

    private static string NewKey() => RandomNumberGenerator.GetHexString(2 * KeyBytes, lowercase: true);

    /// <summary>
    /// The first http address of several (https needs a certificate, which not every machine has); port 0 becomes a free one now,
    /// because it must stay the same over restarts.
    /// </summary>
    private static Uri Address(string urls)
    {
        var all = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var first = all.FirstOrDefault(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) ?? all.FirstOrDefault() ?? FreePort;

        // Kestrel's words for every address of the machine.
        var plain = first.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        return Uri.TryCreate(plain, UriKind.Absolute, out var address)
            ? address.Port == 0 ? OnFreePort(address) : address
            : throw new DistributedApplicationException($"The dashboard cannot listen on '{first}': an address is 'http://localhost:18888', for example.");
    }
}
