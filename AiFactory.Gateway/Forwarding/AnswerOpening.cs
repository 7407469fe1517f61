namespace AiFactory.Gateway.Forwarding;

/// <summary>How an answer with the status 200 begins, as far as its bytes have come.</summary>
internal enum AnswerOpening
{
    /// <summary>Nothing yet that a client would miss if another replica began anew.</summary>
    Silent,

    /// <summary>A token, or anything else that is the client's to see.</summary>
    Answer,

    /// <summary>An error in place of a token.</summary>
    Error,

    /// <summary>Neither JSON nor events.</summary>
    Garbage,
}
