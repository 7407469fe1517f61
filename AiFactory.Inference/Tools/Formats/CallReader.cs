using System.Text;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>Reads one call as it comes, character by character, from behind its mark.</summary>
/// <param name="before">The mark, and what was held back before it.</param>
internal abstract class CallReader(string before)
{
    private readonly StringBuilder _raw = new(before);
    private readonly StringBuilder _waiting = new();
    private int _waitingEnd;
    private int _told;

    public string? Name { get; private set; }

    public string Raw => _raw.ToString();

    /// <summary>What was neither told as the name nor as arguments.</summary>
    public string Rest => _raw.ToString(_told, _raw.Length - _told);

    /// <summary>Whether a call whose end is missing may pass as whole. One that was cut off behind its name may not: its arguments were still to come.</summary>
    public abstract bool MayEnd { get; }

    /// <summary>What stands for arguments that the call does not have.</summary>
    public virtual string MissingArguments => "";

    /// <summary>The arguments that came since this was last asked, once the name is known.</summary>
    public string TakeArguments()
    {
        if (Name is null || _waiting.Length == 0)
        {
            return "";
        }

        var piece = _waiting.ToString();
        _waiting.Clear();
        _told = Math.Max(_told, _waitingEnd);
        return piece;
    }

    public JsonScan Accept(char character)
    {
        var scan = Step(character);
        if (scan is JsonScan.More or JsonScan.Ended)
        {
            _raw.Append(character);
        }

        return scan;
    }

    protected abstract JsonScan Step(char character);

    /// <summary>The name ends with the character in hand, which is appended to the raw text when it is accepted.</summary>
    /// <param name="more">0 when that character is none of the name's.</param>
    protected void TakeName(string name, int more = 1)
    {
        Name = name;
        _told = Math.Max(_told, _raw.Length + more);
    }

    /// <summary>A piece of the arguments that the character in hand ends.</summary>
    protected void Wait(string piece)
    {
        _waiting.Append(piece);
        _waitingEnd = _raw.Length + 1;
    }

    protected static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(IsOfName);

    public static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-';
}
