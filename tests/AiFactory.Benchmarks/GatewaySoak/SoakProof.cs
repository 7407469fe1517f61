namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What shows of a whole answer that it is the one to its request.</summary>
internal enum SoakProof
{
    /// <summary>The text, which names the request, and the tokens.</summary>
    Tokens,

    /// <summary>The text; its protocol has no tokens of an answer.</summary>
    Text,

    /// <summary>That it is one to the same question: it may have been kept, or has no text.</summary>
    Question,
}
