using System.Text;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>
/// Lets a model think freely, and holds the answer behind. 1. Before: the mark of thoughts begins, or the answer does; as long as it may be either, both go on. 2. Thinking: any text up to the end's mark.
/// 3. A gap: white space that the answer's grammar does not have. 4. The answer. A token may go over several of them.
/// </summary>
/// <param name="newAnswer">What the answer is held to.</param>
/// <param name="endsAnswer">By token: whether it is an end of the answer.</param>
internal sealed class ThoughtConstraint(HeldThought held, Func<ITextConstraint> newAnswer, VocabularyTrie vocabulary, Func<int, bool> endsAnswer) : ITokenConstraint
{
    private const int MostBlanks = 8;

    private readonly byte[] _begin = Encoding.UTF8.GetBytes(held.Begin);
    private readonly MarkSearch _end = new([Encoding.UTF8.GetBytes(held.End)]);

    // Nothing was accepted by it before the answer; null where the answer has not begun, and cannot be the one that was tried.
    private ITextConstraint? _answer = newAnswer();
    private Place _place = new(held.Begin.Length == 0 ? Phase.Thinking : Phase.Before);

    private enum Phase
    {
        Before,
        Thinking,
        Gap,
        Answer,
    }

    public bool IsComplete => _place.Phase == Phase.Answer && Answer.IsComplete;

    public bool MayEnd => _place.Phase switch
    {
        Phase.Before => _answer?.MayEnd == true,
        Phase.Thinking => !held.MustAnswer,
        _ => Answer.MayEnd,
    };

    private ITextConstraint Answer => _answer ??= newAnswer();

    public bool Allows(int token) => Allows(token, answer => answer.Allows(token));

    public bool AllowsChoice(int token) => Allows(token, answer => answer.AllowsChoice(token));

    public void Accept(int token)
    {
        var piece = vocabulary.Piece(token);
        if (_place.Phase == Phase.Answer)
        {
            Answer.Accept(token);
            return;
        }

        var next = piece.IsEmpty ? _place : Follow(piece);
        if (_place.Phase == Phase.Before)
        {
            AcceptBefore(token, next);
            return;
        }

        Go(next ?? throw new InvalidOperationException("The answer's grammar does not allow the token."), piece);
    }

    public int[] GetAllowed()
    {
        switch (_place.Phase)
        {
            case Phase.Answer:
                return Answer.GetAllowed();
            case Phase.Before when _answer is { } answer:
                return [.. answer.GetAllowed().Union(Tokens(piece => Follow(piece) is not null))];
            case Phase.Gap:
                // Those of white space, and the answer's own: both in one token come by choice only.
                return [.. Answer.GetAllowed().Union(Tokens(piece => _place.Done + piece.Length <= MostBlanks && Blanks(piece) == piece.Length))];
            default:
                return Tokens(piece => Follow(piece) is not null);
        }
    }

    private bool Allows(int token, Func<ITokenConstraint, bool> allows)
    {
        if (_place.Phase == Phase.Answer)
        {
            return allows(Answer);
        }

        if (endsAnswer(token))
        {
            return MayEnd;
        }

        var piece = vocabulary.Piece(token);
        return _place.Phase switch
        {
            Phase.Thinking => piece.IsEmpty || Follow(piece) is not null,
            Phase.Before when _answer is { } answer && allows(answer) => true,
            _ => !piece.IsEmpty && Follow(piece) is not null,
        };
    }

    /// <summary>What the mark and the answer's grammar both have is either, until one of them has it no more.</summary>
    private void AcceptBefore(int token, Place? next)
    {
        var isAnswer = _answer?.AllowsChoice(token) == true;
        if (next is { Phase: Phase.Before })
        {
            if (isAnswer)
            {
                _answer?.Accept(token);
            }
            else
            {
                _answer = null;
            }

            _place = next.Value;
        }
        else if (next is { } begun)
        {
            _answer = null;
            Go(begun, vocabulary.Piece(token));
        }
        else
        {
            Answer.Accept(token);
            _place = new Place(Phase.Answer);
        }
    }

    private void Go(Place next, ReadOnlySpan<byte> piece)
    {
        if (next.Phase == Phase.Answer)
        {
            Answer.AcceptText(piece[^next.Rest..]);
        }

        _place = next;
    }

    /// <returns>Where a token leads that is none of an answer that has begun; null when it cannot follow.</returns>
    private Place? Follow(ReadOnlySpan<byte> piece)
    {
        var place = _place;
        for (var i = 0; i < piece.Length; i++)
        {
            switch (place.Phase)
            {
                case Phase.Before when place.Done == 0 && IsBlank(piece[i]) && place.Blanks < MostBlanks:
                    place = place with { Blanks = place.Blanks + 1 };
                    break;
                case Phase.Before when _begin[place.Done] == piece[i]:
                    place = place.Done + 1 == _begin.Length ? new Place(Phase.Thinking) : place with { Done = place.Done + 1 };
                    break;
                case Phase.Thinking:
                    var search = _end.Next(place.Done, piece[i]);
                    place = search < 0 ? new Place(Phase.Gap) : place with { Done = search };
                    break;
                case Phase.Gap:
                    return FollowGap(place, piece[i..]);
                default:
                    return null;
            }
        }

        return place;
    }

    /// <summary>The grammar first: one that begins with white space has it.</summary>
    private Place? FollowGap(Place place, ReadOnlySpan<byte> rest)
    {
        // What was tried before the thoughts has accepted something.
        var answer = _place.Phase == Phase.Before ? newAnswer() : Answer;
        for (var blanks = 0; ; blanks++)
        {
            if (blanks == rest.Length)
            {
                return place with { Done = place.Done + blanks };
            }

            if (answer.AllowsText(rest[blanks..]))
            {
                return new Place(Phase.Answer, Rest: rest.Length - blanks);
            }

            if (!IsBlank(rest[blanks]) || place.Done + blanks >= MostBlanks)
            {
                return null;
            }
        }
    }

    private int[] Tokens(Func<ReadOnlySpan<byte>, bool> allows) =>
        [.. Enumerable.Range(0, vocabulary.Tokens).Where(token => !endsAnswer(token) && vocabulary.Piece(token) is { Length: > 0 } piece && allows(piece))];

    private static int Blanks(ReadOnlySpan<byte> piece) => piece.IndexOfAnyExcept(" \n\r\t"u8) is >= 0 and var first ? first : piece.Length;

    private static bool IsBlank(byte next) => next is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    /// <param name="Done">Of the mark that begins thoughts, or how far the one that ends them has come, or white space in the gap.</param>
    /// <param name="Blanks">Before the mark.</param>
    /// <param name="Rest">Bytes at the token's end that are the answer's.</param>
    private readonly record struct Place(Phase Phase, int Done = 0, int Blanks = 0, int Rest = 0);
}
