namespace AiFactory.Inference.Engine.Sampling;

/// <summary>What the next token of an answer may be, by those chosen before. Only the engine's thread touches it.</summary>
internal interface ITokenConstraint
{
    /// <summary>Whether nothing can follow what was accepted.</summary>
    bool IsComplete { get; }

    /// <summary>Whether the answer may end here.</summary>
    bool MayEnd { get; }

    /// <summary>Whether the answer may go on with the token.</summary>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    bool Allows(int token);

    /// <summary>Whether the answer may go on with the token that the model itself chose among all; what that one begins may be let go of for it.</summary>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    bool AllowsChoice(int token) => Allows(token);

    /// <param name="token">One that is allowed, and does not end the answer.</param>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    void Accept(int token);

    /// <summary>All tokens that the answer may go on with and that do not end it; in no order.</summary>
    /// <exception cref="Grammars.GrammarOverloadException"/>
    int[] GetAllowed();
}
