using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails;

/// <summary>
/// Holds the texts of one request against its rules: each as it stands, then as its reader gets it, then the parts of a message as the one text that servers make of them. What
/// is found in more than one of these ways is masked once.
/// </summary>
internal sealed class RequestTexts(Guarding guarding, CancellationToken left) : IDisposable
{
    /// <summary>JSON within JSON; each time its backslashes double.</summary>
    private const int Deepest = 4;

    private readonly TextScan _scan = new(guarding.Policy.Input, guarding.Findings);
    private readonly TextParts _parts = new();
    private readonly List<TextMask> _masks = [];

    /// <param name="edits">Get the masks.</param>
    /// <returns>Null where all may pass.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public OpenAIError? Look(ReadOnlySpan<byte> json, JsonTexts texts, JsonEdits edits, int depth = 0)
    {
        // 1. Those that stand alone.
        foreach (var place in texts.Places)
        {
            left.ThrowIfCancellationRequested();
            if (place.Group == 0 && (Add(json, place, depth) ?? LookAtParts(edits)) is { } stopped)
            {
                return stopped;
            }
        }

        // 2. Those in parts; names and arguments may lie between them.
        var group = 0;
        foreach (var place in texts.Places)
        {
            left.ThrowIfCancellationRequested();
            if (place.Group == 0)
            {
                continue;
            }

            var stopped = place.Group == group ? null : LookAtParts(edits);
            group = place.Group;
            stopped ??= Add(json, place, depth);
            if (stopped is not null)
            {
                return stopped;
            }
        }

        return LookAtParts(edits);
    }

    public void Dispose()
    {
        _scan.Dispose();
        _parts.Dispose();
    }

    private OpenAIError? Add(ReadOnlySpan<byte> json, TextPlace place, int depth)
    {
        var part = _parts.Add(place, place.Raw(json));
        if (place.Kind != TextKind.Json || depth == Deepest || !_parts.TextOf(part).Contains('\\'))
        {
            return null;
        }

        // What parses it reads what its escapes stand for.
        var (written, stopped) = LookWithin(_parts.TextOf(part), depth + 1);
        if (written is not null)
        {
            _parts.Replace(written);
        }

        return stopped;
    }

    /// <returns>The JSON with its masks; null where there are none, or it is no JSON.</returns>
    private (string? Written, OpenAIError? Stopped) LookWithin(ReadOnlySpan<char> text, int depth)
    {
        try
        {
            var json = new byte[Encoding.UTF8.GetByteCount(text)];
            Encoding.UTF8.GetBytes(text, json);
            using var inner = new RequestTexts(guarding, left);
            var edits = new JsonEdits();
            var stopped = inner.Look(json, JsonTexts.Read(json, TextShape.Arguments), edits, depth);
            return (edits.Any ? Encoding.UTF8.GetString(edits.Apply(json)) : null, stopped);
        }
        catch (JsonException none) when (none is not TooManyTextsException)
        {
            return (null, null);
        }
    }

    /// <summary>The parts that were added; then others may be.</summary>
    private OpenAIError? LookAtParts(JsonEdits edits)
    {
        // 1. Each by itself, as it stands and folded.
        foreach (var part in _parts.All)
        {
            if ((Scan(part) ?? ScanFolded(part)) is { } rule)
            {
                return guarding.Stop(rule, GuardrailError.OfRequest(rule, part.Place.ToString()));
            }
        }

        // 2. Together: with nothing between them, and with a space between words, as servers differ.
        if (_parts.All.Count > 1 && (ScanTogether(spaced: false) ?? ScanTogether(spaced: true)) is { } across)
        {
            return guarding.Stop(across, GuardrailError.OfRequest(across, _parts.All[0].Place.ToString()));
        }

        MergeMasks();
        _parts.Write(_masks, guarding.Policy.Input, edits);
        _parts.Clear();
        _masks.Clear();
        return null;
    }

    private RuleIdentity? Scan(TextPart part)
    {
        if (Scan(_parts.TextOf(part), part.Place.Trusted, counts: null) is { } rule)
        {
            return rule;
        }

        foreach (var mask in _scan.Masks)
        {
            _masks.Add(mask with { Start = mask.Start + part.Start, End = mask.End + part.Start });
        }

        return null;
    }

    private RuleIdentity? ScanFolded(TextPart part)
    {
        if (!TextFold.Changes(_parts.TextOf(part)))
        {
            return null;
        }

        _parts.Fold(part);
        return ScanFolded(part.Place.Trusted, _parts.IsAltered);
    }

    private RuleIdentity? ScanTogether(bool spaced)
    {
        // Without a space anywhere it was seen before.
        return _parts.FoldAll(spaced) || !spaced ? ScanFolded(_parts.All.All(part => part.Place.Trusted), _parts.IsAcross) : null;
    }

    private RuleIdentity? ScanFolded(bool trusted, Func<int, int, bool> counts)
    {
        if (Scan(_parts.Folded, trusted, counts) is { } rule)
        {
            return rule;
        }

        foreach (var mask in _scan.Masks)
        {
            _masks.Add(_parts.Unfold(mask));
        }

        return null;
    }

    private RuleIdentity? Scan(ReadOnlySpan<char> text, bool trusted, Func<int, int, bool>? counts)
    {
        _scan.Reset();
        _scan.Counts = counts;
        _scan.Append(text);
        return _scan.Advance(isEnd: true, trusted);
    }

    /// <summary>What is masked together, as parts of it overlap, has the mask of what begins first.</summary>
    private void MergeMasks()
    {
        _masks.Sort();
        var last = 0;
        for (var i = 1; i < _masks.Count; i++)
        {
            if (_masks[i].Start < _masks[last].End)
            {
                _masks[last] = _masks[last] with { End = Math.Max(_masks[last].End, _masks[i].End) };
            }
            else
            {
                _masks[++last] = _masks[i];
            }
        }

        if (_masks.Count > last + 1)
        {
            _masks.RemoveRange(last + 1, _masks.Count - last - 1);
        }
    }
}
