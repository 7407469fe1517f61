namespace AiFactory.Gateway.Routing;

/// <summary>Why a replica was set aside.</summary>
internal enum SetAsideCause
{
    /// <summary>Nobody listens, or the connection broke.</summary>
    Unreachable,

    /// <summary>It has not the model, or asked for time.</summary>
    Away,

    /// <summary>It answers with failures.</summary>
    Failing,
}
