using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

internal static partial class CommandLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "Command '{Command}' failed: {Reason}")]
    public static partial void Failed(ILogger logger, string command, string reason, Exception? exception);
}
