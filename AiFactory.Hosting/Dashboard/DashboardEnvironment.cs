namespace AiFactory.Hosting.Dashboard;

/// <summary>The dashboard's configuration, https://aspire.dev/dashboard/configuration/.</summary>
internal static class DashboardEnvironment
{
    /// <param name="home">A folder of its own: it keeps the keys of its cookies there.</param>
    public static Dictionary<string, string> For(DashboardSettings settings, Uri resourceService, string applicationName, string home) => new()
    {
        ["HOME"] = home,
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["DOTNET_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_URLS"] = Plain(settings.Frontend),
        ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = Plain(settings.Otlp),
        ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = Plain(resourceService),
        ["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = settings.ResourceServiceKey,
        ["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken",
        ["DASHBOARD__FRONTEND__BROWSERTOKEN"] = settings.BrowserToken,
        ["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__OTLP__PRIMARYAPIKEY"] = settings.OtlpKey,
        ["DASHBOARD__API__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__API__PRIMARYAPIKEY"] = settings.ApiKey,
        ["DASHBOARD__APPLICATIONNAME"] = applicationName,
        // Nothing calls out of the site.
        ["DASHBOARD__DEBUGSESSION__TELEMETRYOPTOUT"] = "true",
        // The dashboard ends by itself when this process does, however that came.
        ["ASPIRE_CLI_PID"] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Plain(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
