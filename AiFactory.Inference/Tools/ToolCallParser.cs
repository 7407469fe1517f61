using System.Text;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tools;

/// <summary>
/// Finds calls of tools, written as the model writes them, in an answer while it is generated. It goes character by character, so the pieces in which the answer comes make no difference. Text is told
/// at once; only what may yet become a mark, and white space that a mark would follow, is held back. Nothing is lost: what looks like a call and is none is given back as text.
/// </summary>
/// <param name="functions">Those that may be called: some formats need the types of their parameters.</param>
internal sealed class ToolCallParser(CallFormat format, IReadOnlyList<ToolFunction> functions)
{
    private readonly List<ToolCallEvent> _events = [];
    private readonly StringBuilder _text = new();

    // What is held back: white space, then the beginning of a mark.
    private readonly StringBuilder _blanks = new();
    private string _mark = "";
    private CallReader? _call;
    private bool _isBegun;
    private bool _isBehindCall;
    private bool _hasText;
    private int _index;

    /// <summary>Calls that were told to have ended.</summary>
    public int Ended { get; private set; }

    public IReadOnlyList<ToolCallEvent> Append(string piece)
    {
        _events.Clear();
        foreach (var character in piece)
        {
            Accept(character);
        }

        TellArguments();
        TellText();
        return [.. _events];
    }

    /// <summary>The answer is over.</summary>
    public IReadOnlyList<ToolCallEvent> Finish()
    {
        _events.Clear();
        if (_call is { MayEnd: true })
        {
            EndCall();
        }
        else if (_call is not null)
        {
            BreakCall();
        }

        // The half of a call's end is no text.
        if (_mark.Length > 1 && _isBehindCall && format.Ends.Any(end => end.StartsWith(_mark, StringComparison.Ordinal)))
        {
            _mark = "";
        }

        Release();
        TellText();
        return [.. _events];
    }

    private void Accept(char character)
    {
        if (_call is null)
        {
            AcceptText(character);
            return;
        }

        switch (_call.Accept(character))
        {
            case JsonScan.More:
                TellName();
                break;
            case JsonScan.Ended:
                EndCall();
                break;
            case JsonScan.EndedBefore:
                EndCall();
                AcceptText(character);
                break;
            default:
                BreakCall();
                AcceptText(character);
                break;
        }
    }

    /// <summary>No mark has its first character elsewhere, so what does not go on with one may only begin another.</summary>
    private void AcceptText(char character)
    {
        if (!IsMark(_mark + character))
        {
            if (_mark.Length > 0)
            {
                Release();
            }

            if (!IsMark(character.ToString()))
            {
                AcceptOutside(character);
                return;
            }
        }

        _mark += character;
        TakeMark();
    }

    private void AcceptOutside(char character)
    {
        if (char.IsWhiteSpace(character))
        {
            _blanks.Append(character);
            return;
        }

        if (format.IsBare && character == '{' && !_hasText && _index == 0 && _blanks.Length == 0)
        {
            Begin("");
            Accept(character);
            return;
        }

        Release();
        _text.Append(character);
        _hasText = true;
        _isBehindCall = false;
    }

    private bool IsMark(string text) =>
        Begins(format.Begin, text) || Begins(format.Outer, text) || (_isBehindCall && (Begins(format.Next ?? "", text) || format.Ends.Any(end => Begins(end, text))));

    private static bool Begins(string mark, string text) => mark.StartsWith(text, StringComparison.Ordinal);

    private void TakeMark()
    {
        if (_mark == format.Begin || (_isBehindCall && _mark == format.Next))
        {
            Begin(_blanks + _mark);
        }
        else if (_mark == format.Outer)
        {
            // A call follows; else it is text.
            _blanks.Append(_mark);
            _mark = "";
        }
        else if (_isBehindCall && format.Ends.Contains(_mark))
        {
            _blanks.Clear();
            _mark = "";
        }
    }

    private void Begin(string held)
    {
        _blanks.Clear();
        _mark = "";
        TellText();
        _call = format.NewReader(held, functions);
        _isBegun = false;
    }

    /// <summary>What was held back is text after all; white space right behind a call is none.</summary>
    private void Release()
    {
        _hasText |= _mark.Length > 0;
        _text.Append(_isBehindCall ? "" : _blanks.ToString()).Append(_mark);
        _isBehindCall &= _mark.Length == 0;
        _blanks.Clear();
        _mark = "";
    }

    private void TellName()
    {
        if (!_isBegun && _call is { Name: { } name })
        {
            _isBegun = true;
            _events.Add(new ToolCallEvent.Begun(_index, name));
        }
    }

    private void TellArguments()
    {
        if (_call?.TakeArguments() is { Length: > 0 } piece)
        {
            _events.Add(new ToolCallEvent.Arguments(_index, piece));
        }
    }

    private void EndCall()
    {
        TellName();
        TellArguments();
        if (_call?.MissingArguments is { Length: > 0 } none)
        {
            _events.Add(new ToolCallEvent.Arguments(_index, none));
        }

        _events.Add(new ToolCallEvent.Ended(_index++));
        Ended++;
        _call = null;
        _isBehindCall = true;
    }

    private void BreakCall()
    {
        TellArguments();
        if (_call is { } call)
        {
            _events.Add(new ToolCallEvent.Broken(_isBegun ? _index++ : null, call.Raw, call.Rest));
        }

        _call = null;
        _hasText = true;
        _isBehindCall = false;
    }

    private void TellText()
    {
        if (_text.Length > 0)
        {
            _events.Add(new ToolCallEvent.Text(_text.ToString()));
            _text.Clear();
        }
    }
}
