using System.Globalization;
using System.Numerics;
using System.Text;
using AiFactory.Inference.Templates.Evaluation;

namespace AiFactory.Inference.Templates.Values;

/// <summary>
/// The filter <c>tojson</c>, as transformers defines it for chat templates: Python's <c>json.dumps(x, ensure_ascii=False)</c>. The order of keys and the text of numbers are kept:
/// <code>{"city": "Tromsø", "days": 1.50}</code>
/// </summary>
/// <param name="indent">Null writes one line.</param>
internal sealed class JsonText(RenderContext context, StringValue? indent, StringValue itemSeparator, StringValue keySeparator, bool sortKeys, bool asciiOnly)
{
    /// <summary>A character as its code: <c>\u00e9</c>.</summary>
    private const int MostPerCharacter = 6;

    private readonly StringBuilder _output = new();
    private bool _hasData = indent?.Data.Count > 0 || itemSeparator.Data.Count > 0 || keySeparator.Data.Count > 0;

    public StringValue Write(TemplateValue value)
    {
        Write(value, 0);
        return StringValue.From(_output.ToString(), _hasData);
    }

    private void Write(TemplateValue value, int level)
    {
        context.Step();
        switch (value)
        {
            case StringValue text:
                Quote(text);
                break;
            case ListValue list:
                Enclose('[', ']', list.Items, level, item => Write(item, level + 1));
                break;
            case MapValue map:
                Enclose('{', '}', sortKeys ? Sort(map) : map.Entries, level, entry =>
                {
                    Quote(Key(entry.Key));
                    Append(keySeparator.Text);
                    Write(entry.Value, level + 1);
                });
                break;
            default:
                Append(Scalar(value));
                break;
        }
    }

    /// <summary>Each key is compared about as often as the number of keys has binary digits.</summary>
    private List<KeyValuePair<TemplateValue, TemplateValue>> Sort(MapValue map)
    {
        var turns = 1 + BitOperations.Log2((uint)map.Entries.Count + 1);
        foreach (var entry in map.Entries)
        {
            context.Scan((long)turns * Key(entry.Key).Text.Length);
        }

        return [.. map.Entries.OrderBy(entry => Key(entry.Key).Text, StringComparer.Ordinal)];
    }

    /// <summary>All text is counted before it is written.</summary>
    private void Append(string text)
    {
        context.CountCharacters(text.Length);
        _output.Append(text);
    }

    private void Enclose<T>(char open, char close, IReadOnlyList<T> items, int level, Action<T> write)
    {
        context.CountCharacters(2);
        _output.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            Append(i == 0 ? "" : itemSeparator.Text);
            BreakLine(level + 1);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            BreakLine(level);
        }

        _output.Append(close);
    }

    private void BreakLine(int level)
    {
        if (indent is not null)
        {
            context.CountCharacters(1 + ((long)level * indent.Text.Length));
            _output.Append('\n').Insert(_output.Length, indent.Text, level);
        }
    }

    private StringValue Key(TemplateValue key) => key as StringValue ?? StringValue.FromTemplate(Scalar(key));

    private string Scalar(TemplateValue value) => value switch
    {
        NoneValue => "null",
        BooleanValue { Value: var truth } => truth ? "true" : "false",
        IntegerValue { Value: var whole } => whole.ToString(CultureInfo.InvariantCulture),
        FloatValue { Text: { } text } => text,
        FloatValue { Value: double.NaN } => "NaN",
        FloatValue { Value: double.PositiveInfinity } => "Infinity",
        FloatValue { Value: double.NegativeInfinity } => "-Infinity",
        FloatValue number => PythonText.Of(number.Value),
        UndefinedValue undefined => throw context.Fail($"filter 'tojson': {undefined.Description}"),
        _ => throw context.Fail($"filter 'tojson': a {value.TypeName} is not JSON"),
    };

    private void Quote(StringValue value)
    {
        context.CountCharacters(2 + ((long)MostPerCharacter * value.Text.Length));
        _hasData |= value.Data.Count > 0;
        _output.Append('"');
        foreach (var character in value.Text)
        {
            _ = character switch
            {
                '"' => _output.Append("\\\""),
                '\\' => _output.Append("\\\\"),
                '\n' => _output.Append("\\n"),
                '\r' => _output.Append("\\r"),
                '\t' => _output.Append("\\t"),
                '\b' => _output.Append("\\b"),
                '\f' => _output.Append("\\f"),
                < ' ' => _output.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                >= '\x7f' when asciiOnly && character != '\x7f' => _output.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => _output.Append(character),
            };
        }

        _output.Append('"');
    }
}
