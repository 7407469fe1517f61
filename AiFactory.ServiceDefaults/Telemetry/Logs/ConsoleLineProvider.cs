using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Telemetry.Logs;

/// <summary>In the place of .NET's console logger, under its name in settings (<c>Logging:Console:LogLevel</c>).</summary>
[ProviderAlias("Console")]
internal sealed class ConsoleLineProvider(ConsoleLines lines) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ConsoleLineLogger(categoryName, lines);

    public void Dispose() => lines.Dispose();
}
