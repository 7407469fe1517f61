using System.Buffers;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>The texts of a model's control tokens, and where they stand in a rendered conversation.</summary>
internal sealed class ControlTexts
{
    private readonly string[] _texts;
    private readonly SearchValues<string> _search;

    public ControlTexts(IEnumerable<string> texts)
    {
        _texts = [.. texts.Distinct().OrderByDescending(text => text.Length)];
        _search = SearchValues.Create(_texts, StringComparison.Ordinal);
    }

    /// <summary>In each part that the template wrote, apart from what the request wrote around it: nobody hides one of them by writing its beginning.</summary>
    public IReadOnlyList<TextRange> Find(StringValue prompt)
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

    /// <summary>Whether one stands there that the template did not write, or not all of: behind its <c>&lt;/s&gt;</c> a request writes the rest of <c>&lt;/s&gt;NOTUSED</c>.</summary>
    /// <param name="controls">What <see cref="Find"/> gave.</param>
    public bool HasForged(StringValue prompt, IReadOnlyList<TextRange> controls)
    {
        var known = controls.ToHashSet();
        for (var position = 0; Next(prompt.Text, position, prompt.Text.Length) is { } control; position = control.Start + 1)
        {
            // One that stands inside another of the template's is no forgery: it is not the request's.
            if (!known.Contains(control) && prompt.HasData(control))
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

        foreach (var control in _texts)
        {
            if (part[index..].StartsWith(control, StringComparison.Ordinal))
            {
                return new TextRange(start + index, control.Length);
            }
        }

        return null;
    }
}
