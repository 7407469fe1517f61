using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration.Processes;

internal static partial class ProcessLog
{
    [LoggerMessage(EventId = 5020, Level = LogLevel.Debug, Message = "Sentinel process {ProcessId} started.")]
    public static partial void SentinelStarted(ILogger logger, int processId);
}
