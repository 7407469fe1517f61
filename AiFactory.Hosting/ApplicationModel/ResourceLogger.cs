using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An ILogger whose lines stand in the console logs of replicas, beside what their processes print.</summary>
internal sealed class ResourceLogger(IReadOnlyList<ResourceLog> logs) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        if (exception is not null)
        {
            text = $"{text}{Environment.NewLine}{exception}";
        }

        foreach (var line in text.Split('\n'))
        {
            foreach (var log in logs)
            {
                log.Append(line.TrimEnd('\r'), logLevel >= LogLevel.Error);
            }
        }
    }
}
