using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// What is logged where nothing says otherwise: what a request or a statement did stands in its span and in our own line, and libraries speak only of trouble.
/// A setting of the same key wins, whatever source it comes from.
/// </summary>
internal static class LogLevels
{
    private static readonly Dictionary<string, string?> Defaults = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        // Not ready is an answer of /readyz, asked every second at a start, and no error of the log.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Critical",
    };

    /// <summary>
    /// ASP.NET Core opens a scope around each request if this category may say anything at all. It says when requests begin and end, as our own line does. Where nobody listens to spans, it is also what a
    /// request's trace begins for: without it a caller's trace would end here, and what a request leaves behind could not name one.
    /// </summary>
    private static readonly KeyValuePair<string, string?> WithoutScopes = new("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "None");

    /// <param name="scopes">Whether anybody gets to see the scopes of a line, or the category is needed for traces.</param>
    internal static void AddDefaults(IConfigurationBuilder configuration, bool scopes) =>
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = scopes ? Defaults : Defaults.Append(WithoutScopes) });
}
