using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

internal static partial class ResourceHostLog
{
    [LoggerMessage(EventId = 5030, Level = LogLevel.Information, Message = "Waiting for {Resources}.")]
    public static partial void Waiting(ILogger logger, string resources);

    [LoggerMessage(EventId = 5031, Level = LogLevel.Warning, Message = "{Resource} ended with exit code {ExitCode}; it is started again in {Delay} s.{LastWords}")]
    public static partial void Restarting(ILogger logger, string resource, int exitCode, double delay, string lastWords);

    [LoggerMessage(EventId = 5032, Level = LogLevel.Error, Message = "{Resource} cannot start: {Reason}")]
    public static partial void CannotStart(ILogger logger, string resource, string reason);

    [LoggerMessage(EventId = 5033, Level = LogLevel.Error, Message = "A subscriber of {Resource}'s events failed.")]
    public static partial void SubscriberFailed(ILogger logger, string resource, Exception exception);

    [LoggerMessage(EventId = 5034, Level = LogLevel.Information, Message = "Ended with exit code {ExitCode}.")]
    public static partial void Ended(ILogger logger, int exitCode);

    [LoggerMessage(EventId = 5035, Level = LogLevel.Error, Message = "{Resource} cannot be started again; the next try is in {Delay} s: {Reason}")]
    public static partial void CannotRestart(ILogger logger, string resource, double delay, string reason);
}
