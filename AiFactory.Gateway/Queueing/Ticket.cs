namespace AiFactory.Gateway.Queueing;

/// <summary>What became of a request at a <see cref="FairQueue"/>.</summary>
internal enum Ticket
{
    /// <summary>It may go on, and has to leave when it has ended.</summary>
    Admitted,

    /// <summary>Too many wait already; or others came who have fewer there, when it was one too many of its project.</summary>
    Full,

    /// <summary>Its time passed.</summary>
    TooLate,

    /// <summary>Its client left.</summary>
    Left,
}
