using System.Text;

namespace AiFactory.Inference.Reasoning;

/// <summary>
/// Tells a model's thoughts from its answer while both are generated. It goes character by character, so the pieces in which they come make no difference; only what may yet become a mark, and white
/// space that a mark would follow, is held back. Thoughts begin where the answer does: a mark that the answer speaks of later is text, unless the model may think again.
/// </summary>
internal sealed class ThoughtReader(ReasoningFormat format, ReasoningPlace place)
{
    private readonly List<(ThoughtPart Part, string Text)> _parts = [];
    private readonly StringBuilder _blanks = new();
    private string _mark = "";
    // An end of what is around the answer: text as soon as text follows.
    private string _last = "";
    // The answer began with what stands around it.
    private bool _isAround;
    private bool _mayBegin = place == ReasoningPlace.Before;
    private bool _isBehindMark = place == ReasoningPlace.Inside;

    public bool IsThinking { get; private set; } = place == ReasoningPlace.Inside;

    public IReadOnlyList<(ThoughtPart Part, string Text)> Append(string piece)
    {
        _parts.Clear();
        for (var i = 0; i < piece.Length; i++)
        {
            if (IsPlain)
            {
                Add(ThoughtPart.Answer, piece[i..]);
                break;
            }

            Accept(piece[i]);
        }

        return [.. _parts];
    }

    /// <summary>The answer is over.</summary>
    public IReadOnlyList<(ThoughtPart Part, string Text)> Finish()
    {
        _parts.Clear();
        Add(_mark.Length > 0 ? ThoughtPart.Answer : ThoughtPart.Mark, _last);
        _last = "";
        if (IsThinking && _mark.Length > 1)
        {
            // The half of their end is none of the thoughts.
            Add(ThoughtPart.Mark, _blanks + _mark);
        }
        else
        {
            Add(IsThinking && _mark.Length == 0 ? ThoughtPart.Mark : Here, _blanks + _mark);
        }

        _blanks.Clear();
        _mark = "";
        return [.. _parts];
    }

    private ThoughtPart Here => IsThinking ? ThoughtPart.Thought : ThoughtPart.Answer;

    /// <summary>Whether all that follows is the answer.</summary>
    private bool IsPlain => !IsThinking && !_mayBegin && !_isBehindMark && !format.IsRepeated && !_isAround && format.Skips.Count == 0 && _mark.Length == 0 && _blanks.Length == 0;

    private IEnumerable<string> Marks => IsThinking ? [format.End] : [.. _mayBegin || format.IsRepeated ? [format.Begin] : (string[])[], .. format.Skips, .. MarksAround];

    private string[] MarksAround => format.Around is not { } around ? [] : _isAround ? [around.End] : _mayBegin || _isBehindMark ? [around.Begin] : [];

    private void Accept(char character)
    {
        _mark += character;
        while (_mark.Length > 0 && !Marks.Any(mark => mark.StartsWith(_mark, StringComparison.Ordinal)))
        {
            var first = _mark[0];
            _mark = _mark[1..];
            AddPlain(first);
        }

        if (_mark.Length > 0 && Marks.Contains(_mark))
        {
            TakeMark();
        }
    }

    private void AddPlain(char character)
    {
        if (char.IsWhiteSpace(character))
        {
            _blanks.Append(character);
            return;
        }

        Add(ThoughtPart.Answer, _last);
        _last = "";
        Add(_isBehindMark ? ThoughtPart.Mark : Here, _blanks.ToString());
        Add(Here, character.ToString());
        _blanks.Clear();
        (_isBehindMark, _mayBegin) = (false, false);
    }

    private void TakeMark()
    {
        Add(ThoughtPart.Answer, _last);
        _last = "";
        var isText = !IsThinking && !_isBehindMark && !_mayBegin;
        Add(isText ? ThoughtPart.Answer : ThoughtPart.Mark, _blanks.ToString());
        if (_isAround && _mark == format.Around?.End)
        {
            // What follows, or nothing, tells whether it is the last of the answer.
            (_last, _mark, _isBehindMark) = (_mark, "", false);
            _blanks.Clear();
            return;
        }

        Add(ThoughtPart.Mark, _mark);
        _isAround |= _mark == format.Around?.Begin;
        (IsThinking, _isBehindMark, _mayBegin) = (!IsThinking && _mark == format.Begin, true, false);
        _blanks.Clear();
        _mark = "";
    }

    private void Add(ThoughtPart part, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_parts is [.., var last] && last.Part == part)
        {
            _parts[^1] = (part, last.Text + text);
        }
        else
        {
            _parts.Add((part, text));
        }
    }
}
