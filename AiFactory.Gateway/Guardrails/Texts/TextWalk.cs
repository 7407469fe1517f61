using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>Where in one member's value the reader is.</summary>
internal struct TextWalk(string root, bool isList)
{
    private const int Outside = -1;

    private int _listDepth = Outside;
    private int _groupDepth = Outside;
    private TextKind _listKind = TextKind.Text;
    private bool _isUntrusted;
    private bool _isTrusted;

    public string Root { get; } = root;

    public int Element { get; set; } = -1;

    /// <summary>The text that is read in parts now; 0 where none is.</summary>
    public int Group { get; private set; }

    public int FirstPlace { get; private set; }

    /// <summary>Whether the list under way is a tensor's.</summary>
    public bool IsData { get; set; }

    public int Numbers { get; set; }

    /// <summary>Whether all that is said of a message's role says that the application's author wrote it.</summary>
    public readonly bool IsTrusted => isList && _isTrusted && !_isUntrusted;

    public void BeginElement(int places)
    {
        (Element, FirstPlace, Numbers) = (Element + 1, places, 0);
        (_isTrusted, _isUntrusted) = (false, false);
    }

    /// <param name="reader">A copy, at the member's name. One that is written otherwise, as <c>Role</c>, gives no trust, for not every server knows it.</param>
    public void ReadRole(Utf8JsonReader reader)
    {
        var isExact = reader.ValueSpan.SequenceEqual("role"u8);
        reader.Read();
        var isAuthor = reader.TokenType == JsonTokenType.String && (reader.ValueSpan.SequenceEqual("system"u8) || reader.ValueSpan.SequenceEqual("developer"u8));
        _isTrusted |= isExact && isAuthor;
        _isUntrusted |= !isAuthor;
    }

    public void BeginList(int depth, TextKind kind, int group)
    {
        (_listDepth, _listKind) = (depth, kind);
        if (group != 0)
        {
            (Group, _groupDepth) = (group, depth);
        }
    }

    public void EndList(int depth)
    {
        _listDepth = depth == _listDepth ? Outside : _listDepth;
        if (depth == _groupDepth)
        {
            (Group, _groupDepth) = (0, Outside);
        }
    }

    /// <summary>Of a string in a list: what its member's name says.</summary>
    public readonly TextKind KindAt(int depth) => depth == _listDepth + 1 && _listDepth != Outside ? _listKind : TextKind.Text;
}
