using System.Globalization;
using System.Net.Sockets;
using AiFactory.Hosting.Orchestration;
using AiFactory.Hosting.Orchestration.Endpoints;
using AiFactory.Hosting.Orchestration.Processes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// Runs the dashboard beside everything else: nobody waits for it, and without it the factory is the same but for the pages.
/// It is started after the server that it asks, and stopped before it.
/// </summary>
internal sealed partial class DashboardHost(
    DashboardSettings settings,
    DashboardInstallation installation,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands,
    AppHostDirectories directories,
    Sentinel sentinel,
    IHostEnvironment environment,
    TimeProvider timeProvider,
    ILogger<DistributedApplication> logger) : BackgroundService
{
    // Exit codes of the dashboard.
    private const int BadConfiguration = 101;
    private const int AddressInUse = 102;

    // Starts in a row of which none came as far as serving a page.
    private const int MaxFailures = 5;

    // What an AppHost's name adds to the application's.
    private const string Suffix = ".AppHost";

    // Its own server is given up after this; the whole stop has to fit in ten seconds.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly string _applicationName = WithoutSuffix(environment.ApplicationName);

    // What the page shows needs the resources' last states, so they are stopped first: hosted services stop in the reverse order.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Whatever follows, the start of the resources does not wait for it.
            await Task.Yield();
            var program = await installation.EnsureAsync(logger, stoppingToken);
            var service = new DashboardService(
                _applicationName,
                new ResourceMessage(new SecretMask(model.Resources), timeProvider.GetUtcNow().UtcDateTime),
                notifications,
                loggers,
                commands);
            await using var server = new ResourceServer(service, settings.ResourceServiceKey, logger);
            var address = await server.StartAsync(stoppingToken);
            await KeepRunningAsync(program, address, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
#pragma warning disable CA1031 // Whatever is wrong with the dashboard, it is no reason for the factory to stop.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogUnavailable(logger, e.Message);
        }
    }

    private static string WithoutSuffix(string name) => name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;

    private async Task KeepRunningAsync(string program, Uri resourceService, CancellationToken stoppingToken)
    {
        var home = Path.Combine(directories.Data, "dashboard");
        Directory.CreateDirectory(home);
        var description = new LocalProcess
        {
            FileName = program,
            Arguments = ["dashboard"],
            WorkingDirectory = home,
            StopGrace = StopGrace,
        };
        var backoff = new RestartBackoff(timeProvider);
        var current = settings;
        for (var failures = 0; ;)
        {
            current = OnFreePort(current);
            var announced = current;
            var variables = ChildEnvironment.Of(
                Environment.GetEnvironmentVariables(), DashboardEnvironment.For(current, resourceService, _applicationName, home));
            backoff.Started();
            var output = new DashboardOutput(() => SayReady(announced, isBack: backoff.Restarts > 0));
            using var process = ChildProcess.Start(description, variables, sentinel, output.Take);
            int exitCode;
            try
            {
                exitCode = await process.Exited.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                await process.StopAsync(CancellationToken.None);
                throw;
            }

            failures = output.IsReady ? 0 : failures + 1;
            if (exitCode == BadConfiguration || failures == MaxFailures || (exitCode == AddressInUse && PortHolder.Find(settings.Otlp.Port) is not null))
            {
                LogUnavailable(logger, exitCode == AddressInUse ? TakenTelemetryPort() : $"it ends with exit code {exitCode}: {output.LastWords}");
                return;
            }

            var delay = backoff.Next(wasHealthy: output.IsReady);
            LogCrashed(logger, exitCode, delay.TotalSeconds, output.LastWords);
            await Task.Delay(delay, timeProvider, stoppingToken);
        }
    }

    private void SayReady(DashboardSettings current, bool isBack)
    {
        var address = current.Frontend.GetLeftPart(UriPartial.Authority);
        if (isBack)
        {
            LogBack(logger, address);
            return;
        }

        LogListening(logger, address);
        LogLogin(logger, current.Login);
    }

    /// <summary>The pages can be anywhere; who wanted them at a port that another has is told so.</summary>
    private DashboardSettings OnFreePort(DashboardSettings wanted)
    {
        var (host, port) = (wanted.Frontend.Host, wanted.Frontend.Port);
        try
        {
            LoopbackListener.Close(LoopbackListener.Bind(host, port));
            return wanted;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            LogPortTaken(logger, port, PortHolder.Describe(port));
            return wanted.WithFreeFrontend();
        }
    }

    // The services know this one already, so another is of no use.
    private string TakenTelemetryPort()
        => $"its telemetry port {settings.Otlp.Port.ToString(CultureInfo.InvariantCulture)} is taken by {PortHolder.Describe(settings.Otlp.Port)}.";

    [LoggerMessage(5310, LogLevel.Information, "Now listening on: {Address}")]
    private static partial void LogListening(ILogger logger, string address);

    [LoggerMessage(5311, LogLevel.Information, "Login to the dashboard at {Address}")]
    private static partial void LogLogin(ILogger logger, Uri address);

    [LoggerMessage(5314, LogLevel.Information, "The dashboard is back at {Address}")]
    private static partial void LogBack(ILogger logger, string address);

    [LoggerMessage(5315, LogLevel.Warning, "The dashboard's port {Port} is taken by {Holder}: it gets a free one this time. ASPNETCORE_URLS names the port.")]
    private static partial void LogPortTaken(ILogger logger, int port, string holder);

    [LoggerMessage(5312, LogLevel.Warning, "The factory runs without the dashboard: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(5313, LogLevel.Warning, "The dashboard ended with exit code {ExitCode}; it is started again in {Seconds:0.0} s. {LastWords}")]
    private static partial void LogCrashed(ILogger logger, int exitCode, double seconds, string lastWords);
}
