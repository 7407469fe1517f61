using System.Text;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>Reads a call whose name stands before its arguments: <c>get_weather[ARGS]{"city": "Oslo"}</c>.</summary>
/// <param name="separator">Between the two.</param>
/// <param name="suffix">Behind the arguments; may be empty.</param>
/// <param name="nameOf">The name in what stands before the separator.</param>
internal sealed class SeparatedCallReader(string before, string separator, string suffix, Func<string, string> nameOf) : CallReader(before)
{
    private const int LongestHead = 200;

    private readonly JsonScanner _scanner = new();
    private readonly StringBuilder _head = new();
    private int _suffixDone;
    private Place _place = Place.InHead;

    private enum Place
    {
        InHead,
        BeforeArguments,
        InArguments,
        InSuffix,
    }

    public override bool MayEnd => _place == Place.InSuffix;

    protected override JsonScan Step(char character) => _place switch
    {
        Place.InHead => InHead(character),
        Place.BeforeArguments when char.IsWhiteSpace(character) => JsonScan.More,
        Place.BeforeArguments when character != '{' => JsonScan.Fault,
        Place.InSuffix => InSuffix(character),
        _ => InArguments(character),
    };

    private JsonScan InHead(char character)
    {
        _head.Append(character);
        if (_head.Length > LongestHead)
        {
            return JsonScan.Fault;
        }

        var head = _head.ToString();
        if (!head.EndsWith(separator, StringComparison.Ordinal))
        {
            return JsonScan.More;
        }

        var name = nameOf(head[..^separator.Length].Trim());
        if (!IsName(name))
        {
            return JsonScan.Fault;
        }

        TakeName(name);
        _place = Place.BeforeArguments;
        return JsonScan.More;
    }

    private JsonScan InArguments(char character)
    {
        _place = Place.InArguments;
        var scan = _scanner.Accept(character);
        if (scan is not (JsonScan.More or JsonScan.Ended))
        {
            return JsonScan.Fault;
        }

        Wait(character.ToString());
        if (scan == JsonScan.Ended)
        {
            _place = Place.InSuffix;
        }

        return scan == JsonScan.Ended && suffix.Length > 0 ? JsonScan.More : scan;
    }

    /// <summary>White space before it is free; a model may forget all of it, and no part.</summary>
    private JsonScan InSuffix(char character)
    {
        if (character == suffix[_suffixDone])
        {
            return ++_suffixDone == suffix.Length ? JsonScan.Ended : JsonScan.More;
        }

        return _suffixDone > 0 ? JsonScan.Fault : char.IsWhiteSpace(character) ? JsonScan.More : JsonScan.EndedBefore;
    }
}
