using AiFactory.ServiceDefaults.Discovery;
using AiFactory.ServiceDefaults.Health;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Problems;
using AiFactory.ServiceDefaults.Resilience;
using AiFactory.ServiceDefaults.Telemetry;
using AiFactory.ServiceDefaults.Telemetry.Logs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults;

/// <summary>What every service of the factory gets.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Telemetry, health, discovery and resilience for every HttpClient of the factory, problem details, and the internal identity.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        LogLevels.AddDefaults(builder.Configuration, scopes: new OtlpSettings(builder.Configuration) is { Logs: true } or { Traces: false });
        builder.UseConsoleLines(Console.IsOutputRedirected);
        builder.AddTelemetry();
        builder.Services.AddHealthChecks();
        builder.Services.AddProblems();
        builder.Services.AddInternalIdentity();
        builder.Services.AddServiceDiscovery();
        builder.Services.AddHttpResilience();
        return builder;
    }

    /// <summary>
    /// The middleware of every service, in its order, and <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>. Call it before any other middleware:
    /// what comes after it runs with the caller known and the route's permission checked.
    /// </summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<RequestIdMiddleware>();
        app.UseMiddleware<RequestTelemetryMiddleware>();
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseMiddleware<StatusProblemMiddleware>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapMetrics();
        return app;
    }
}
