using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>What filters and methods of texts share. All keep what is known of each character.</summary>
internal static class Texts
{
    /// <param name="characters">Null takes white space.</param>
    public static StringValue Trim(StringValue value, string? characters, RenderContext context, bool atStart = true, bool atEnd = true)
    {
        context.CountCharacters(value.Text.Length);
        context.Search(value.Text.Length, characters?.Length ?? 1);
        var (text, start, end) = (value.Text, 0, value.Text.Length);
        while (atStart && start < end && IsTrimmed(text[start]))
        {
            start++;
        }

        while (atEnd && end > start && IsTrimmed(text[end - 1]))
        {
            end--;
        }

        return value.Slice(start, end - start);

        bool IsTrimmed(char character) => characters is null ? char.IsWhiteSpace(character) : characters.Contains(character, StringComparison.Ordinal);
    }

    public static StringValue Upper(StringValue value, RenderContext context)
    {
        context.CountCharacters(value.Text.Length);
        return value.WithText(value.Text.ToUpperInvariant());
    }

    public static StringValue Lower(StringValue value, RenderContext context)
    {
        context.CountCharacters(value.Text.Length);
        return value.WithText(value.Text.ToLowerInvariant());
    }

    public static StringValue Capitalize(StringValue value, RenderContext context)
    {
        context.CountCharacters(value.Text.Length);
        return value.WithText(value.Text.Length == 0 ? "" : char.ToUpperInvariant(value.Text[0]) + value.Text[1..].ToLowerInvariant());
    }

    /// <summary>The first letter of each word is large, the others small.</summary>
    /// <param name="isInWord">Whether a word goes on behind the character.</param>
    public static StringValue Title(StringValue value, Func<char, bool> isInWord, RenderContext context)
    {
        context.CountCharacters(value.Text.Length);
        var characters = value.Text.ToLowerInvariant().ToCharArray();
        for (var i = 0; i < characters.Length; i++)
        {
            if (i == 0 || !isInWord(characters[i - 1]))
            {
                characters[i] = char.ToUpperInvariant(characters[i]);
            }
        }

        return value.WithText(new string(characters));
    }

    /// <param name="most">Replacements; below 0 all.</param>
    public static StringValue Replace(StringValue value, string old, StringValue replacement, long most, RenderContext context)
    {
        context.Search(value.Text.Length, old.Length);
        var output = new TextBuilder(context);
        var position = 0;
        for (var done = 0L; most < 0 || done < most; done++)
        {
            context.Step();
            var found = old.Length == 0
                ? (done == 0 ? 0 : position + 1 <= value.Text.Length ? position + 1 : -1)
                : value.Text.IndexOf(old, position, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            output.Append(value.Slice(position, found - position)).Append(replacement);
            position = found + old.Length;
        }

        return output.Append(value.Slice(position, value.Text.Length - position)).ToValue();
    }

    /// <param name="separator">Null splits at runs of white space, and gives no empty parts.</param>
    /// <param name="most">Cuts; below 0 all.</param>
    public static IReadOnlyList<StringValue> Split(StringValue value, string? separator, long most, RenderContext context)
    {
        var (text, parts, position) = (value.Text, new List<StringValue>(), 0);
        context.CountCharacters(text.Length);
        context.Search(text.Length, separator?.Length ?? 1);
        while (true)
        {
            context.Step();
            if (separator is null)
            {
                position = SkipBlanks(text, position);
                if (position == text.Length)
                {
                    return parts;
                }
            }

            var isLast = most >= 0 && parts.Count >= most;
            var end = isLast ? -1 : separator is null ? FindBlank(text, position) : text.IndexOf(separator, position, StringComparison.Ordinal);
            if (end < 0)
            {
                parts.Add(value.Slice(position, text.Length - position));
                return parts;
            }

            parts.Add(value.Slice(position, end - position));
            position = end + (separator?.Length ?? 1);
        }
    }

    /// <summary>The same from the end: the cuts that are allowed are the last ones.</summary>
    public static IReadOnlyList<StringValue> SplitFromEnd(StringValue value, string? separator, long most, RenderContext context)
    {
        var all = Split(value, separator, -1, context);
        if (most < 0 || all.Count <= most)
        {
            return all;
        }

        // What is not cut off keeps its inner separators: it is the text less the parts behind it.
        var tail = all.Skip(all.Count - (int)most).ToList();
        var end = WithoutBlanks(value.Text.Length);
        foreach (var part in Enumerable.Reverse(tail))
        {
            end = WithoutBlanks(end - part.Text.Length - (separator?.Length ?? 0));
        }

        return [value.Slice(0, end), .. tail];

        int WithoutBlanks(int length) => separator is null ? value.Text.AsSpan(0, length).TrimEnd().Length : length;
    }

    public static StringValue Join(StringValue separator, IEnumerable<TemplateValue> items, RenderContext context)
    {
        var output = new TextBuilder(context);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                output.Append(separator);
            }

            output.Append(PythonText.Of(item, context));
            isFirst = false;
        }

        return output.ToValue();
    }

    private static int SkipBlanks(string text, int position)
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        return position;
    }

    private static int FindBlank(string text, int position)
    {
        while (position < text.Length && !char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        return position < text.Length ? position : -1;
    }
}
