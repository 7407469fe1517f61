namespace AiFactory.Gateway.SubRequests;

/// <summary>Whose fault it is that a question has no answer.</summary>
internal enum PartFaultKind
{
    /// <summary>There is nobody who could answer, whatever is asked.</summary>
    Away,

    /// <summary>Whoever could answer does not, or says what cannot be used: busy, or not what it should be.</summary>
    Unclear,

    /// <summary>It is the question's: asked again it has no other answer.</summary>
    OfQuestion,
}
