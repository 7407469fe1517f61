using System.Text;
using AiFactory.Inference.Templates.Evaluation;

namespace AiFactory.Inference.Templates.Values;

/// <summary>Puts texts together and keeps what is known of their characters.</summary>
/// <param name="most">Characters that the text may have.</param>
internal sealed class TextBuilder(RenderContext context, int most = int.MaxValue)
{
    private readonly StringBuilder _text = new();
    private readonly List<TextRange> _data = [];

    public TextBuilder Append(string text)
    {
        Count(text.Length);
        _text.Append(text);
        return this;
    }

    public TextBuilder Append(StringValue value)
    {
        Count(value.Text.Length);
        foreach (var range in value.Data)
        {
            var start = _text.Length + range.Start;
            if (_data is [.., var last] && last.End == start)
            {
                _data[^1] = last with { Length = last.Length + range.Length };
            }
            else
            {
                _data.Add(new TextRange(start, range.Length));
            }
        }

        _text.Append(value.Text);
        return this;
    }

    public StringValue ToValue() => _text.Length == 0 ? StringValue.Empty : new StringValue(_text.ToString(), [.. _data]);

    private void Count(int characters)
    {
        context.CountCharacters(characters);
        if (characters > most - _text.Length)
        {
            throw context.Fail($"the output has more than {most} characters");
        }
    }
}
