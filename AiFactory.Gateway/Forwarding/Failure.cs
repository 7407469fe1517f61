using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Forwarding;

/// <summary>How one attempt failed before the client saw anything of it.</summary>
/// <param name="Detail">In words, for the log.</param>
/// <param name="Answered">What to tell the client in a word: a status, or what happened. It names no address.</param>
internal sealed record Failure(FailureKind Kind, string Answered, string Detail)
{
    /// <summary>It did not fail: another replica was sooner.</summary>
    public static Failure Overtaken { get; } = new(FailureKind.Overtaken, "overtaken", "another replica was sooner");

    /// <summary>What the replica asked for.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>What the client is told if this was the last attempt; null where that depends on the others.</summary>
    public OpenAIError? Final { get; init; }
}

internal enum FailureKind
{
    /// <summary>Nothing of the request was taken: nobody listens.</summary>
    Absent,

    /// <summary>Nothing of the request was taken: what listens has not the model.</summary>
    WithoutModel,

    /// <summary>Nothing of the request was taken: what listens has not the route. It may have the model.</summary>
    WithoutRoute,

    /// <summary>It named a time after which it can be asked again.</summary>
    Busy,

    /// <summary>It had as many requests as it takes, and named no time, or one for this caller alone.</summary>
    Full,

    /// <summary>It answered, with a failure or with what is no answer.</summary>
    Failed,

    /// <summary>An open connection broke after the whole request was sent.</summary>
    Broken,

    /// <summary>It stopped reading the request and broke the connection; it may be healthy.</summary>
    BrokenUnsent,

    /// <summary>It said nothing for as long as it may.</summary>
    TimedOut,

    /// <summary>Another replica was sooner with the same request.</summary>
    Overtaken,
}
