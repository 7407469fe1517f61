using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Registry;

/// <summary>Keeps the models at what the file says. A change that cannot be used is said once, and the models before it stay.</summary>
internal sealed partial class RegistryWatcher(RoutePublisher publisher, IOptions<RegistryOptions> options, TimeProvider time, ILogger<RegistryWatcher> logger) : BackgroundService
{
    private readonly string _path = options.Value.Path;
    private string? _seen;
    private string? _lastRefusal;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_path.Length > 0)
        {
            RunOnce();
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>One look at the file.</summary>
    public void RunOnce()
    {
        try
        {
            var text = ModelsFile.Read(_path);
            if (text == _seen)
            {
                return;
            }

            // Seen, whatever it is: what is wrong with it is said once.
            _seen = text;
            var models = ModelsFile.Parse(_path, text);
            publisher.Publish(models);
            LogTaken(logger, _path, models.Count);
        }
        catch (ModelsFileException refused)
        {
            if (_lastRefusal != refused.Message)
            {
                LogRefused(logger, refused.Message);
            }

            _lastRefusal = refused.Message;
            return;
        }

        _lastRefusal = null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_path.Length == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                RunOnce();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    [LoggerMessage(1602, LogLevel.Information, "{Path} taken: {Models} models")]
    private static partial void LogTaken(ILogger logger, string path, int models);

    [LoggerMessage(1603, LogLevel.Error, "The models that were taken last stay in force, for the file cannot be used any more: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
