using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Holds an answer to a grammar, token by token. Only the engine's thread touches it.</summary>
/// <param name="endsAnswer">By token: whether it is an end of the answer.</param>
internal sealed class TokenConstraint(Grammar grammar, VocabularyTrie vocabulary, Func<int, bool> endsAnswer)
{
    /// <summary>Of the states that are met again and again, as the inside of a text.</summary>
    private const int MostAllowed = 32;

    private readonly GrammarMatcher _matcher = new(grammar);
    private readonly Dictionary<GrammarState, int[]> _allowed = [];
    private GrammarState? _state;

    /// <summary>Whether nothing can follow what was accepted.</summary>
    public bool IsComplete => Current.IsEnd;

    private GrammarState Current => _state ??= _matcher.Start;

    /// <summary>Whether the answer may go on with the token.</summary>
    /// <exception cref="GrammarOverloadException"/>
    public bool Allows(int token) =>
        endsAnswer(token) ? Current.Accepts : vocabulary.Piece(token) is { Length: > 0 } piece && _matcher.Advance(Current, piece) is not null;

    /// <param name="token">One that is allowed, and does not end the answer.</param>
    /// <exception cref="GrammarOverloadException"/>
    public void Accept(int token)
    {
        var next = (vocabulary.Piece(token) is { Length: > 0 } piece ? _matcher.Advance(Current, piece) : null) ?? throw new InvalidOperationException("The grammar does not allow the token.");
        _state = _matcher.BeginToken(next);
        if (_state != next)
        {
            _allowed.Clear();
        }
    }

    /// <summary>All tokens that stand for text and that the answer may go on with; in no order.</summary>
    /// <exception cref="GrammarOverloadException"/>
    public int[] GetAllowed()
    {
        if (_allowed.TryGetValue(Current, out var known))
        {
            return known;
        }

        var allowed = new List<int>();
        vocabulary.Walk(Current, _matcher.Advance, token =>
        {
            if (!endsAnswer(token))
            {
                allowed.Add(token);
            }
        });
        if (_allowed.Count >= MostAllowed)
        {
            _allowed.Clear();
        }

        return _allowed[Current] = [.. allowed];
    }

    /// <summary>Whether the answer may end here.</summary>
    public bool MayEnd => Current.Accepts;
}
