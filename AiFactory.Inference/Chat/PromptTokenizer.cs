using System.Buffers;
using AiFactory.Inference.Native;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>
/// From a rendered conversation to tokens. What came with the request is data: the text of a control token inside it (<c>&lt;|im_end|&gt;</c>) is tokenized as plain text, so that nobody ends
/// their turn and begins another's. Only the template's own characters make control tokens.
/// </summary>
internal sealed class PromptTokenizer
{
    private readonly LlamaModel _model;
    private readonly string[] _controls;
    private readonly SearchValues<string> _search;

    public PromptTokenizer(LlamaModel model)
    {
        _model = model;
        _controls = [.. model.GetControlTexts().Distinct().OrderByDescending(text => text.Length)];
        _search = SearchValues.Create(_controls, StringComparison.Ordinal);
    }

    /// <summary>
    /// 1. The control tokens that the template wrote, longest first. 2. When the request wrote none, all is tokenized in one piece, as the model was trained. 3. Else the text between the
    /// template's control tokens is tokenized as plain text.
    /// </summary>
    public int[] Tokenize(StringValue prompt)
    {
        var text = prompt.Text;

        // A template that writes the token that begins a text itself shall not get a second one.
        var addSpecial = !(_model.BeginText is { Length: > 0 } begin && text.StartsWith(begin, StringComparison.Ordinal) && IsTemplates(prompt, 0, begin.Length));
        var controls = FindControls(prompt);
        if (!HasForged(prompt, controls))
        {
            return _model.Tokenize(text, addSpecial, parseSpecial: true);
        }

        var tokens = new List<int>();
        var position = 0;
        foreach (var control in controls)
        {
            AddPlain(position, control.Start);
            tokens.AddRange(_model.Tokenize(text.Substring(control.Start, control.Length), addSpecial && control.Start == 0, parseSpecial: true));
            position = control.End;
        }

        AddPlain(position, text.Length);
        return [.. tokens];

        void AddPlain(int start, int end)
        {
            if (start < end)
            {
                tokens.AddRange(_model.Tokenize(text[start..end], addSpecial && start == 0, parseSpecial: false));
            }
        }
    }

    /// <summary>In each part that the template wrote, apart from what the request wrote around it: nobody hides one of them by writing its beginning.</summary>
    private List<TextRange> FindControls(StringValue prompt)
    {
        var found = new List<TextRange>();
        var start = 0;
        foreach (var range in prompt.Data.Append(new TextRange(prompt.Text.Length, 0)))
        {
            for (var position = start; Next(prompt.Text, position, range.Start) is { } control; position = control.End)
            {
                found.Add(control);
            }

            start = range.End;
        }

        return found;
    }

    private bool HasForged(StringValue prompt, List<TextRange> controls)
    {
        var known = controls.Select(control => control.Start).ToHashSet();
        for (var position = 0; Next(prompt.Text, position, prompt.Text.Length) is { } control; position = control.Start + 1)
        {
            // One that stands inside another of the template's is no forgery: it is not the request's.
            if (!known.Contains(control.Start) && !IsTemplates(prompt, control.Start, control.Length))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first control token between the two places, and of several at one place the longest.</summary>
    private TextRange? Next(string text, int start, int end)
    {
        var part = text.AsSpan(start, end - start);
        var index = part.IndexOfAny(_search);
        if (index < 0)
        {
            return null;
        }

        foreach (var control in _controls)
        {
            if (part[index..].StartsWith(control, StringComparison.Ordinal))
            {
                return new TextRange(start + index, control.Length);
            }
        }

        return null;
    }

    private static bool IsTemplates(StringValue prompt, int start, int length)
    {
        // The first range of data that ends behind the start.
        var (low, high) = (0, prompt.Data.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = prompt.Data[middle].End <= start ? (middle + 1, high) : (low, middle);
        }

        return low == prompt.Data.Count || prompt.Data[low].Start >= start + length;
    }
}
