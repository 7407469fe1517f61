using System.Text;
using System.Text.Json;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>
/// Reads a call that is written in tags, and writes its arguments as JSON, one by one. A value is a text where the function's schema says so, else the JSON that it is:
/// <code>
/// &lt;function=get_weather&gt;
/// &lt;parameter=city&gt;
/// Oslo
/// &lt;/parameter&gt;
/// &lt;/function&gt;
/// </code>
/// </summary>
internal sealed class TagCallReader(string before, CallTags tags, IReadOnlyList<ToolFunction> functions) : CallReader(before)
{
    private const int LongestHead = 400;

    private readonly StringBuilder _part = new();
    private Place _place = Place.InName;
    private string _key = "";
    private readonly HashSet<string> _keys = [];

    private enum Place
    {
        InName,
        Between,
        InKey,
        InValue,
    }

    /// <summary>Its last brace is written when its end has come.</summary>
    public override bool MayEnd => false;

    protected override JsonScan Step(char character)
    {
        _part.Append(character);
        return _place switch
        {
            Place.InName => InName(),
            Place.Between => Between(),
            Place.InKey => InKey(),
            _ => InValue(),
        };
    }

    private JsonScan InName()
    {
        var head = _part.ToString();
        var text = head.TrimStart();
        var end = text.Length > tags.NameOpen.Length ? text.IndexOfAny(['>', '\n', '<'], tags.NameOpen.Length) : -1;
        if (end < 0)
        {
            return head.Length > LongestHead ? JsonScan.Fault : JsonScan.More;
        }

        var name = text.StartsWith(tags.NameOpen, StringComparison.Ordinal) ? text[tags.NameOpen.Length..end].Trim() : "";
        name = tags.NameClose.Length > 1 && name.EndsWith(tags.NameClose[..^1], StringComparison.Ordinal) ? name[..^(tags.NameClose.Length - 1)] : name;
        if (!IsName(name))
        {
            return JsonScan.Fault;
        }

        // A tag behind it has begun.
        var isTag = text[end] == '<';
        TakeName(name, isTag ? 0 : 1);
        Go(Place.Between);
        _part.Append(isTag ? "<" : "");
        return JsonScan.More;
    }

    private JsonScan Between()
    {
        var text = _part.ToString().TrimStart();
        if (text == tags.KeyOpen)
        {
            return Go(Place.InKey);
        }

        if (text == tags.End)
        {
            Wait(_keys.Count > 0 ? "}" : "{}");
            return JsonScan.Ended;
        }

        return tags.KeyOpen.StartsWith(text, StringComparison.Ordinal) || tags.End.StartsWith(text, StringComparison.Ordinal) ? JsonScan.More : JsonScan.Fault;
    }

    private JsonScan InKey()
    {
        if (_part.Length > LongestHead)
        {
            return JsonScan.Fault;
        }

        if (!EndsWith(tags.ValueOpen))
        {
            return JsonScan.More;
        }

        _key = _part.ToString(0, _part.Length - tags.ValueOpen.Length).Trim();
        _key = _key.EndsWith(tags.KeyClose, StringComparison.Ordinal) ? _key[..^tags.KeyClose.Length] : _key;
        return _key.Length > 0 && _keys.Add(_key) ? Go(Place.InValue) : JsonScan.Fault;
    }

    private JsonScan InValue()
    {
        if (!EndsWith(tags.ValueClose))
        {
            return JsonScan.More;
        }

        // A line break on each side is the tags', and what is more the value's.
        var value = _part.ToString(0, _part.Length - tags.ValueClose.Length);
        value = value.StartsWith('\n') ? value[1..] : value;
        value = value.EndsWith('\n') ? value[..^1] : value;
        Wait($"{(_keys.Count > 1 ? ", " : "{")}{JsonSerializer.Serialize(_key, CallTags.Json)}: {ToJson(value)}");
        return Go(Place.Between);
    }

    private string ToJson(string value)
    {
        var types = TypesOf(_key);
        if (types.Contains("string") && !(value == "null" && types.Contains("null")))
        {
            return JsonSerializer.Serialize(value, CallTags.Json);
        }

        var trimmed = value.Trim() switch { "True" => "true", "False" => "false", "None" => "null", var other => other };
        try
        {
            using var document = JsonDocument.Parse(trimmed);
            return document.RootElement.GetRawText();
        }
        catch (JsonException)
        {
            return JsonSerializer.Serialize(value, CallTags.Json);
        }
    }

    /// <summary>Empty where the schema does not say.</summary>
    private HashSet<string> TypesOf(string key)
    {
        var schema = functions.FirstOrDefault(function => function.Name == Name)?.Parameters;
        return CallTags.Types(schema is { } given && RequestValues.Find(given, "properties") is { } properties ? RequestValues.Find(properties, key) : null, schema);
    }

    private bool EndsWith(string text)
    {
        for (var i = 1; i <= text.Length; i++)
        {
            if (_part.Length < i || _part[^i] != text[^i])
            {
                return false;
            }
        }

        return true;
    }

    private JsonScan Go(Place place)
    {
        _place = place;
        _part.Clear();
        return JsonScan.More;
    }
}
