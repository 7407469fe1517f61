namespace AiFactory.Gateway.Sessions;

/// <summary>Sign-ins that come to nothing: the person reads the kind of fault, the operator's log its reason.</summary>
internal static partial class SignInRefusals
{
    public static SignInOutcome.Refused Refuse(this ILogger logger, SignInFault fault, string reason)
    {
        LogRefused(logger, fault, reason);
        return new SignInOutcome.Refused(fault);
    }

    /// <summary>What came by the browser may be anything.</summary>
    public static string Shown(string error) => new([.. error.Take(100).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or ' ' ? letter : '?')]);

    [LoggerMessage(1903, LogLevel.Warning, "A sign-in at the identity provider failed ({Fault}): {Reason}")]
    private static partial void LogRefused(ILogger logger, SignInFault fault, string reason);
}
