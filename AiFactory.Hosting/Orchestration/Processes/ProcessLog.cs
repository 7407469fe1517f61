using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration.Processes;

internal static partial class ProcessLog
{
    [LoggerMessage(EventId = 5020, Level = LogLevel.Debug, Message = "Sentinel process {ProcessId} started.")]
    public static partial void SentinelStarted(ILogger logger, int processId);

    [LoggerMessage(EventId = 5021, Level = LogLevel.Warning, Message = "The sentinel process ended before the AppHost; another one takes its place.")]
    public static partial void SentinelEnded(ILogger logger);

    [LoggerMessage(EventId = 5022, Level = LogLevel.Error, Message = "The sentinel process cannot be replaced, so a killed AppHost would leave its children behind: {Reason}")]
    public static partial void SentinelNotReplaced(ILogger logger, string reason);
}
