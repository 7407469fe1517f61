namespace AiFactory.Gateway.Routing;

/// <summary>Why a replica was chosen.</summary>
internal enum ChoiceReason
{
    /// <summary>There was no other.</summary>
    Only,

    /// <summary>It had the fewest requests for its speed, of two.</summary>
    Load,

    /// <summary>It was the sooner to answer, of two.</summary>
    Latency,

    /// <summary>It has had requests that begin the same.</summary>
    Prefix,

    /// <summary>It has had requests of the same session.</summary>
    Session,

    /// <summary>Another failed this request.</summary>
    Failover,

    /// <summary>It was set aside, and this request finds out whether it serves again.</summary>
    Trial,

    /// <summary>Another was late with its first token, and this one was sooner.</summary>
    Hedge,

    /// <summary>It runs in the gateway's own zone.</summary>
    Zone,

    /// <summary>It had told of fewer requests of others than the other of two.</summary>
    Queue,

    /// <summary>The cache of the other of two was nearly full, as it had told.</summary>
    Cache,
}
