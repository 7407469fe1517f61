namespace AiFactory.Inference.Engine.Sampling;

/// <summary>One that may take over in the middle of a token.</summary>
internal interface ITextConstraint : ITokenConstraint
{
    /// <summary>Whether a part of a token may be what comes next.</summary>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    bool AllowsText(ReadOnlySpan<byte> text);

    /// <param name="text">Allowed; not empty.</param>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    void AcceptText(ReadOnlySpan<byte> text);
}
