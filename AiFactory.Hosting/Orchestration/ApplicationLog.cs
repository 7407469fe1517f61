using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

internal static partial class ApplicationLog
{
    [LoggerMessage(EventId = 5010, Level = LogLevel.Information, Message = "Distributed application starting.")]
    public static partial void Starting(ILogger logger);

    [LoggerMessage(EventId = 5011, Level = LogLevel.Information, Message = "Distributed application started. Press Ctrl+C to shut down.")]
    public static partial void Started(ILogger logger);
}
