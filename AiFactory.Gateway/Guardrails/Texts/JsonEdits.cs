using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>What is to be written in place of parts of a JSON text; the rest stays byte for byte.</summary>
internal sealed class JsonEdits
{
    private readonly List<(int At, int Length, byte[] Text)> _edits = [];
    private int _grows;
    private bool _isSorted = true;

    public bool Any => _edits.Count > 0;

    /// <summary>In any order.</summary>
    public void Add(int at, int length, byte[] text)
    {
        _isSorted &= _edits.Count == 0 || _edits[^1].At < at;
        _edits.Add((at, length, text));
        _grows += text.Length - length;
    }

    /// <summary>The length of the whole afterwards.</summary>
    public int Length(int before) => before + _grows;

    public void Apply(ReadOnlySpan<byte> json, Span<byte> to)
    {
        if (!_isSorted)
        {
            // Of two for one place, what is put before it comes first.
            _edits.Sort((one, other) => (one.At, one.Length).CompareTo((other.At, other.Length)));
            _isSorted = true;
        }

        var from = 0;
        foreach (var (at, length, text) in _edits)
        {
            json[from..at].CopyTo(to);
            text.CopyTo(to[(at - from)..]);
            to = to[(at - from + text.Length)..];
            from = at + length;
        }

        json[from..].CopyTo(to);
    }

    public byte[] Apply(ReadOnlySpan<byte> json)
    {
        var edited = new byte[Length(json.Length)];
        Apply(json, edited);
        return edited;
    }

    /// <summary>Where the model's name stands afterwards.</summary>
    public ModelPlace After(ModelPlace place)
    {
        var moved = place.At;
        foreach (var (at, length, text) in _edits)
        {
            moved += at < place.At ? text.Length - length : 0;
        }

        return place with { At = moved };
    }
}
