using AiFactory.Hosting.Acquisition;
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

    // Its own server is given up after this; the whole stop has to fit in ten seconds.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    // What the page shows needs the resources' last states, so they are stopped first: hosted services stop in the reverse order.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Whatever follows, the start of the resources does not wait for it.
            await Task.Yield();
            var program = await installation.EnsureAsync(logger, stoppingToken);
            var service = new DashboardService(
                environment.ApplicationName,
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
        var variables = ChildEnvironment.Of(
            Environment.GetEnvironmentVariables(), DashboardEnvironment.For(settings, resourceService, environment.ApplicationName, home));
        var backoff = new RestartBackoff(timeProvider);
        while (true)
        {
            backoff.Started();
            var output = new DashboardOutput(backoff.Restarts == 0 ? SayReady : static () => { });
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

            if (exitCode is BadConfiguration or AddressInUse)
            {
                LogUnavailable(logger, exitCode == AddressInUse ? TakenPort() : output.LastWords);
                return;
            }

            var delay = backoff.Next(wasHealthy: output.IsReady);
            LogCrashed(logger, exitCode, delay.TotalSeconds, output.LastWords);
            await Task.Delay(delay, timeProvider, stoppingToken);
        }
    }

    private void SayReady()
    {
        LogListening(logger, settings.Frontend.GetLeftPart(UriPartial.Authority));
        LogLogin(logger, settings.Login);
    }

    private string TakenPort()
    {
        var taken = PortHolder.Find(settings.Otlp.Port) is null ? settings.Frontend : settings.Otlp;
        return $"port {taken.Port} is taken by {PortHolder.Describe(taken.Port)}.";
    }

    [LoggerMessage(5310, LogLevel.Information, "Now listening on: {Address}")]
    private static partial void LogListening(ILogger logger, string address);

    [LoggerMessage(5311, LogLevel.Information, "Login to the dashboard at {Address}")]
    private static partial void LogLogin(ILogger logger, Uri address);

    [LoggerMessage(5312, LogLevel.Warning, "The factory runs without the dashboard: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(5313, LogLevel.Warning, "The dashboard ended with exit code {ExitCode}; it is started again in {Seconds:0.0} s. {LastWords}")]
    private static partial void LogCrashed(ILogger logger, int exitCode, double seconds, string lastWords);
}
