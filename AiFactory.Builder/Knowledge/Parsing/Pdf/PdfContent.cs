using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Runs a page's operators as far as text is concerned, and collects what is shown and where.</summary>
internal sealed class PdfContent(PdfFile file, int maximumLength)
{
    private const int MaximumForms = 12;
    private const int MaximumStates = 512;
    private const int MaximumMarks = 512;

    /// <summary>A full page has some thousand characters.</summary>
    private const int MaximumRuns = 1_000_000;

    private readonly Dictionary<PdfObject, PdfFont> _fonts = new(ReferenceEqualityComparer.Instance);
    private readonly List<PdfRun> _runs = [];
    private readonly Stack<PdfTextState> _states = [];
    private readonly Stack<string?> _marks = [];
    private readonly List<PdfObject> _operands = [];
    private readonly List<PdfObject> _forms = [];
    private PdfTextState _state = new();
    private PdfMatrix _text = PdfMatrix.Identity;
    private PdfMatrix _line = PdfMatrix.Identity;
    private int _artifacts;
    private long _length;

    /// <summary>Glyphs that were shown, and those of them whose character no one knows.</summary>
    internal (long Shown, long Unknown) Glyphs { get; private set; }

    internal IReadOnlyList<PdfRun> Read(PdfPage page)
    {
        _runs.Clear();
        _states.Clear();
        _marks.Clear();
        _artifacts = 0;
        _state = new PdfTextState();
        Run(page.Contents, page.Resources);
        return [.. _runs];
    }

    private void Run(ReadOnlyMemory<byte> contents, PdfObject.Dictionary resources)
    {
        var reader = new PdfReader(contents, references: false);
        _operands.Clear();
        while (reader.Read() is { } token)
        {
            if (token is not PdfObject.Keyword { Value: var name })
            {
                // More operands than any operator takes are garbage.
                if (_operands.Count < 64)
                {
                    _operands.Add(token);
                }

                continue;
            }

            file.Budget.CancellationToken.ThrowIfCancellationRequested();
            if (name == "BI")
            {
                SkipPicture(reader, contents.Span);
            }
            else
            {
                Operate(name, resources);
            }

            _operands.Clear();
        }
    }

    private void Operate(string name, PdfObject.Dictionary resources)
    {
        switch (name)
        {
            case "q" when _states.Count < MaximumStates:
                _states.Push(_state);
                break;
            case "Q" when _states.Count > 0:
                _state = _states.Pop();
                break;
            case "cm":
                _state = _state with { Matrix = Matrix().Then(_state.Matrix) };
                break;
            case "BT":
                _text = _line = PdfMatrix.Identity;
                break;
            case "Tf":
                _state = _state with { Font = Font(resources), Size = Number(1) };
                break;
            case "Tc":
                _state = _state with { CharacterSpacing = Number(0) };
                break;
            case "Tw":
                _state = _state with { WordSpacing = Number(0) };
                break;
            case "Tz":
                _state = _state with { Scale = Number(0) / 100 };
                break;
            case "TL":
                _state = _state with { Leading = Number(0) };
                break;
            case "Ts":
                _state = _state with { Rise = Number(0) };
                break;
            case "Td":
                Move(Number(0), Number(1));
                break;
            case "TD":
                _state = _state with { Leading = -Number(1) };
                Move(Number(0), Number(1));
                break;
            case "Tm":
                _text = _line = Matrix();
                break;
            case "T*":
                Move(0, -_state.Leading);
                break;
            case "Tj":
                Show(Operand(0));
                break;
            case "'":
                Move(0, -_state.Leading);
                Show(Operand(0));
                break;
            case "\"":
                _state = _state with { WordSpacing = Number(0), CharacterSpacing = Number(1) };
                Move(0, -_state.Leading);
                Show(Operand(2));
                break;
            case "TJ":
                ShowAll(Operand(0));
                break;
            case "BMC" or "BDC":
                Mark(name == "BDC" ? Operand(1) : null, resources);
                break;
            case "EMC":
                Unmark();
                break;
            case "Do":
                RunForm(resources);
                break;
        }
    }

    private void Move(double x, double y) => _text = _line = PdfMatrix.Translation(x, y).Then(_line);

    private void ShowAll(PdfObject? value)
    {
        foreach (var item in value is PdfObject.Array array ? array.Items : [])
        {
            if (item is PdfObject.Number shift)
            {
                _text = PdfMatrix.Translation(-shift.Value / 1000 * _state.Size * _state.Scale, 0).Then(_text);
            }
            else
            {
                Show(item);
            }
        }
    }

    private void Show(PdfObject? value)
    {
        if (value is not PdfObject.Text { Bytes: var bytes } || _state.Font is not { } font)
        {
            return;
        }

        var begin = _text;
        var text = new StringBuilder();
        foreach (var glyph in font.Glyphs(bytes))
        {
            Glyphs = (Glyphs.Shown + 1, Glyphs.Unknown + (glyph.Text is null ? 1 : 0));
            text.Append(glyph.Text);
            file.Budget.CancellationToken.ThrowIfCancellationRequested();
            RefuseLonger(text.Length);
            var advance = (glyph.Width * _state.Size) + _state.CharacterSpacing + (glyph.IsSpace ? _state.WordSpacing : 0);
            _text = PdfMatrix.Translation(advance * _state.Scale, 0).Then(_text);
        }

        Add(text.ToString(), begin);
    }

    private void Add(string text, PdfMatrix begin)
    {
        if (_marks.TryPeek(out var replaced) && replaced is not null)
        {
            // The text that the author says is meant stands once, in place of all that is shown within the mark.
            text = replaced;
            _marks.Pop();
            _marks.Push("");
        }

        if (text.Length == 0 || _artifacts > 0)
        {
            return;
        }

        RefuseLonger(text.Length);
        _length += text.Length;
        if (_runs.Count >= MaximumRuns)
        {
            throw new PdfFormatException($"A page shows more than {MaximumRuns} pieces of text.");
        }

        var from = PdfMatrix.Translation(0, _state.Rise).Then(begin).Then(_state.Matrix);
        var to = PdfMatrix.Translation(0, _state.Rise).Then(_text).Then(_state.Matrix);
        var angle = Math.Atan2(from.B, from.A);
        var (sin, cos) = Math.SinCos(angle);
        var size = Math.Abs(_state.Size) * Math.Sqrt((from.C * from.C) + (from.D * from.D));
        _runs.Add(new PdfRun(
            text,
            (from.E * cos) + (from.F * sin),
            (to.E * cos) + (to.F * sin),
            (from.F * cos) - (from.E * sin),
            size > 0 ? size : 1,
            (int)Math.Round(angle * 180 / Math.PI)));
    }

    /// <summary>One code of a font may stand for any number of characters.</summary>
    private void RefuseLonger(int more)
    {
        if (_length + more > maximumLength)
        {
            throw ExtractedTextBuilder.TooLong(maximumLength);
        }
    }

    private void Mark(PdfObject? properties, PdfObject.Dictionary resources)
    {
        if (Operand(0) is PdfObject.Name { Value: "Artifact" } || _artifacts > 0)
        {
            _artifacts++;
        }

        if (properties is PdfObject.Name name)
        {
            properties = Resource(resources, "Properties", name.Value);
        }

        if (_marks.Count >= MaximumMarks)
        {
            throw new PdfFormatException($"Marks are nested more than {MaximumMarks} deep.");
        }

        var text = file.Resolve(file.Dictionary(properties).Entries.GetValueOrDefault("ActualText")) as PdfObject.Text;
        file.Budget.Take(text?.Bytes.Length ?? 0);
        // Within a replaced text nothing is shown again.
        var outer = _marks.TryPeek(out var above) && above is { Length: 0 } ? "" : null;
        _marks.Push(outer ?? (text is { Bytes: var bytes } ? PdfStrings.Read(bytes) : null));
    }

    private void Unmark()
    {
        _marks.TryPop(out _);
        _artifacts = Math.Max(0, _artifacts - 1);
    }

    private void RunForm(PdfObject.Dictionary resources)
    {
        if (Operand(0) is not PdfObject.Name name
            || file.Resolve(Resource(resources, "XObject", name.Value)) is not PdfObject.Stream form
            || file.Name(form.Entries.Entries.GetValueOrDefault("Subtype")) != "Form"
            || _forms.Count >= MaximumForms || _forms.Exists(running => ReferenceEquals(running, form)))
        {
            return;
        }

        var (state, text, line, depth) = (_state, _text, _line, _states.Count);
        var numbers = file.Array(form.Entries.Entries.GetValueOrDefault("Matrix")).Select(item => file.Number(item) ?? 0).ToArray();
        if (numbers.Length == 6)
        {
            _state = _state with { Matrix = new PdfMatrix(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]).Then(_state.Matrix) };
        }

        _forms.Add(form);
        var own = file.Dictionary(form.Entries.Entries.GetValueOrDefault("Resources"));
        Run(file.Decode(form), own.Entries.Count > 0 ? own : resources);
        _forms.RemoveAt(_forms.Count - 1);
        while (_states.Count > depth)
        {
            _states.Pop();
        }

        (_state, _text, _line) = (state, text, line);
    }

    private PdfFont? Font(PdfObject.Dictionary resources)
    {
        if (Operand(0) is not PdfObject.Name name || file.Resolve(Resource(resources, "Font", name.Value)) is not PdfObject.Dictionary dictionary)
        {
            return null;
        }

        if (!_fonts.TryGetValue(dictionary, out var font))
        {
            _fonts[dictionary] = font = new PdfFont(dictionary, file);
        }

        return font;
    }

    /// <summary>Pictures within a page end with white space, EI, white space.</summary>
    private static void SkipPicture(PdfReader reader, ReadOnlySpan<byte> contents)
    {
        var at = reader.Position;
        while (at < contents.Length && contents[at..].IndexOf("EI"u8) is >= 0 and var found)
        {
            at += found + 2;
            if (PdfReader.IsWhite(contents[at - 3]) && (at == contents.Length || PdfReader.IsWhite(contents[at])))
            {
                reader.Position = at;
                return;
            }
        }

        reader.Position = contents.Length;
    }

    private PdfObject? Resource(PdfObject.Dictionary resources, string kind, string name) =>
        file.Dictionary(resources.Entries.GetValueOrDefault(kind)).Entries.GetValueOrDefault(name);

    private PdfMatrix Matrix() => new(Number(0), Number(1), Number(2), Number(3), Number(4), Number(5));

    private double Number(int index) => Operand(index) is PdfObject.Number number ? number.Value : 0;

    private PdfObject? Operand(int index) => index < _operands.Count ? _operands[index] : null;
}
