namespace AiFactory.Gateway.Metering;

/// <summary>How a request to a model ended. The numbers stand in the outbox: they never change.</summary>
internal enum UsageOutcome : byte
{
    /// <summary>The gateway ended before the request did; what is known of it is what was noted last.</summary>
    Interrupted = 0,
    Answered = 1,

    /// <summary>By what was asked, with its own status.</summary>
    Refused = 2,
    ClientLeft = 3,
    Deadline = 4,
    Failed = 5,
}
