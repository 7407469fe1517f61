using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration.Endpoints;

internal static partial class PortMemoryLog
{
    [LoggerMessage(EventId = 5040, Level = LogLevel.Warning, Message = "The ports of the last run cannot be read from {File}, so new ones are chosen: {Reason}")]
    public static partial void CannotRead(ILogger logger, string file, string reason);

    [LoggerMessage(EventId = 5041, Level = LogLevel.Warning, Message = "The replicas' ports cannot be kept in {File}: {Reason}")]
    public static partial void CannotWrite(ILogger logger, string file, string reason);
}
