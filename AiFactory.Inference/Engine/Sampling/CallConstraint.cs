using System.Text;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>
/// Lets an answer be any text until a call's mark has been written, holds it to the call's grammar, and lets it go behind the call. A mark may end in the middle of a token: then what the token
/// has behind it must be allowed already. Outside of calls a token costs a step for each of its bytes. A mark that the model only speaks of begins no call: where the request is not strict, the text is
/// free again when the model's own choice, before the call has begun, is none that the grammar has.
/// </summary>
/// <param name="endsAnswer">By token: whether it is an end of the answer.</param>
internal sealed class CallConstraint(HeldCalls calls, VocabularyTrie vocabulary, Func<int, bool> endsAnswer) : ITextConstraint
{
    // By mark: for the next call that it begins.
    private readonly TokenConstraint?[] _next = new TokenConstraint?[calls.Grammars.Count];
    private readonly byte[] _startMark = Encoding.UTF8.GetBytes(calls.Start?.Mark ?? "");
    private TokenConstraint? _start;
    private Place _place = new(0, Start: calls.Start is null ? null : 0);

    public bool IsComplete => false;

    public bool MayEnd => _place.State is not { Accepts: false };

    public bool Allows(int token)
    {
        if (endsAnswer(token))
        {
            return MayEnd;
        }

        var piece = vocabulary.Piece(token);
        return piece.Length == 0 ? _place.Call is null : Follow(piece) is not null;
    }

    public bool AllowsChoice(int token) => Allows(token) || (endsAnswer(token) ? MayLetGo(_place) : Follow(vocabulary.Piece(token), letsGo: true) is not null);

    public void Accept(int token) => AcceptText(vocabulary.Piece(token));

    public bool AllowsText(ReadOnlySpan<byte> text) => Follow(text) is not null;

    public void AcceptText(ReadOnlySpan<byte> text)
    {
        var place = Follow(text) ?? Follow(text, letsGo: true) ?? throw new InvalidOperationException("The call's grammar does not allow the token.");
        if (place is { Call: { } call, State: { } state })
        {
            if (Array.IndexOf(_next, call) is >= 0 and var mark)
            {
                _next[mark] = null;
            }

            call.GoTo(state);
            place = place with { State = call.Current };
        }

        _place = place;
    }

    public int[] GetAllowed()
    {
        if (_place.Call is { } call)
        {
            try
            {
                return call.GetAllowed();
            }
            catch (GrammarOverloadException) when (!calls.IsStrict)
            {
                _place = default;
            }
        }

        return [.. Enumerable.Range(0, vocabulary.Tokens).Where(token => !endsAnswer(token) && Allows(token))];
    }

    /// <param name="letsGo">Whether a call that has not begun may be none.</param>
    /// <returns>Where the bytes lead; null when they cannot follow.</returns>
    private Place? Follow(ReadOnlySpan<byte> bytes, bool letsGo = false)
    {
        try
        {
            var place = _place;
            foreach (var next in bytes)
            {
                if (Step(place, next, letsGo) is not { } found)
                {
                    return null;
                }

                place = found;
            }

            return place;
        }
        catch (GrammarOverloadException) when (!calls.IsStrict)
        {
            return default(Place);
        }
    }

    private Place? Step(Place place, byte next, bool letsGo)
    {
        if (place is { Call: { } call, State: { } state })
        {
            if (call.Advance(state, next) is { } after)
            {
                return after.IsEnd ? default(Place) : place with { State = after, HasBegun = place.HasBegun || Begins(call, next) };
            }

            if (!letsGo || !MayLetGo(place))
            {
                return null;
            }

            place = default;
        }

        var start = place.Start is { } done && _startMark[done] == next ? done + 1 : (int?)null;
        if (start == _startMark.Length && calls.Start is { Grammar: var atStart })
        {
            _start ??= new TokenConstraint(atStart, vocabulary, endsAnswer);
            return new Place(0, _start, _start.Current);
        }

        var search = calls.Marks.Next(place.Search, next);
        if (search >= 0)
        {
            return new Place(search, Start: start);
        }

        var begun = _next[~search] ??= new TokenConstraint(calls.Grammars[~search], vocabulary, endsAnswer);
        return new Place(0, begun, begun.Current);
    }

    /// <summary>With the first byte that is no white space; a call that begins the answer without a mark, when it has named a function.</summary>
    private bool Begins(TokenConstraint call, byte next) => call == _start ? next == ',' : next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t');

    private bool MayLetGo(Place place) => place is { Call: { } call, HasBegun: false } && (!calls.IsStrict || call == _start);

    /// <param name="Search">How far a mark has come, outside of calls.</param>
    /// <param name="Call">Null outside of calls.</param>
    /// <param name="HasBegun">Whether it is one for sure.</param>
    /// <param name="Start">How far the mark has come that only begins an answer; null when it did not.</param>
    private readonly record struct Place(int Search, TokenConstraint? Call = null, GrammarState? State = null, bool HasBegun = false, int? Start = null);
}
