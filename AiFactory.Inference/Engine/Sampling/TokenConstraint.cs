using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Holds an answer, or a part of one, to a grammar, token by token.</summary>
/// <param name="endsAnswer">By token: whether it is an end of the answer.</param>
internal sealed class TokenConstraint(Grammar grammar, VocabularyTrie vocabulary, Func<int, bool> endsAnswer) : ITextConstraint
{
    /// <summary>Of the states that are met again and again, as the inside of a text.</summary>
    private const int MostAllowed = 32;

    private readonly GrammarMatcher _matcher = new(grammar);
    private readonly Dictionary<GrammarState, int[]> _allowed = [];
    private GrammarState? _state;

    public bool IsComplete => Current.IsEnd;

    public bool MayEnd => Current.Accepts;

    public GrammarState Current => _state ??= _matcher.Start;

    public bool Allows(int token) =>
        endsAnswer(token) ? Current.Accepts : vocabulary.Piece(token) is { Length: > 0 } piece && AllowsText(piece);

    public void Accept(int token) => AcceptText(vocabulary.Piece(token));

    public bool AllowsText(ReadOnlySpan<byte> text) => _matcher.Advance(Current, text) is not null;

    public void AcceptText(ReadOnlySpan<byte> text) =>
        GoTo((text.IsEmpty ? null : _matcher.Advance(Current, text)) ?? throw new InvalidOperationException("The grammar does not allow the token."));

    /// <returns>Null when the byte cannot follow.</returns>
    /// <exception cref="GrammarOverloadException"/>
    public GrammarState? Advance(GrammarState state, byte next) => _matcher.Advance(state, next);

    /// <summary>Goes on from a state, which was found from the current one by the bytes of a token.</summary>
    public void GoTo(GrammarState next)
    {
        _state = _matcher.BeginToken(next);
        if (_state != next)
        {
            _allowed.Clear();
        }
    }

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
}
