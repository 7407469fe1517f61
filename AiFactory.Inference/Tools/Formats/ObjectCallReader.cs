using System.Text;
using System.Text.Json;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>
/// Reads the object of one call as it comes: <c>{"name": "get_weather", "arguments": {"city": "Oslo"}}</c>, in either order; other members are passed over. Arguments that stand before the
/// name wait for it. It may be one of a list: a bracket before the first is passed over. Some models write the arguments as a text that holds JSON: that text's content is what is told.
/// </summary>
internal sealed class ObjectCallReader(string before, char leading = '{') : CallReader(before)
{
    private readonly StringBuilder _member = new();
    private string? _bareName;
    private JsonScanner _scanner = new();
    private Place _place = Place.BeforeObject;
    private string _key = "";
    private bool _hasArguments;
    private bool _isInList;

    private enum Place
    {
        BeforeObject,
        BeforeFirstKey,
        BeforeKey,
        InKey,
        AfterKey,
        BeforeValue,
        InValue,
        AfterValue,
    }

    /// <summary>When it has no mark: what tells whether it is a call.</summary>
    public BareCallHead? Bare { get; init; }

    public override bool MayEnd => _place == Place.AfterValue && Name is not null && _hasArguments;

    public override string MissingArguments => _hasArguments ? "" : "{}";

    protected override JsonScan Step(char character)
    {
        if (Bare is { IsCall: null } bare)
        {
            bare.Accept(character);
            if (bare.IsCall == false)
            {
                return JsonScan.Fault;
            }
        }

        return Read(character);
    }

    private JsonScan Read(char character)
    {
        if (_place == Place.InKey)
        {
            return InKey(character);
        }

        if (_place == Place.InValue)
        {
            return InValue(character);
        }

        if (character is ' ' or '\n' or '\r' or '\t')
        {
            return JsonScan.More;
        }

        switch (_place, character)
        {
            case (Place.BeforeObject, '[') when leading == '[' && !_isInList:
                _isInList = true;
                return JsonScan.More;
            case (Place.BeforeObject, '{'):
                _place = Place.BeforeFirstKey;
                return JsonScan.More;
            case (Place.BeforeFirstKey or Place.BeforeKey, '"'):
                Begin(Place.InKey);
                return InKey(character);
            case (Place.AfterKey, ':'):
                _place = Place.BeforeValue;
                return JsonScan.More;
            case (Place.BeforeValue, _):
                Begin(Place.InValue);
                return InValue(character);
            case (Place.AfterValue, ',') when _bareName is { } known:
                TakeName(known);
                _bareName = null;
                _place = Place.BeforeKey;
                return JsonScan.More;
            case (Place.AfterValue, ','):
                _place = Place.BeforeKey;
                return JsonScan.More;
            case (Place.AfterValue, '}') when Name is not null:
                return JsonScan.Ended;
            case (Place.AfterValue, '<' or ']') when Name is not null:
                // Models forget the last brace.
                return JsonScan.EndedBefore;
            default:
                return JsonScan.Fault;
        }
    }

    private void Begin(Place place)
    {
        _place = place;
        _scanner = new JsonScanner();
        _member.Clear();
    }

    private JsonScan InKey(char character)
    {
        var scan = _scanner.Accept(character);
        _member.Append(character);
        if (scan == JsonScan.Ended)
        {
            _key = ReadText(_member.ToString()) ?? "";
            _place = Place.AfterKey;
            return JsonScan.More;
        }

        return scan;
    }

    private JsonScan InValue(char character)
    {
        var scan = _scanner.Accept(character);
        if (scan is JsonScan.More or JsonScan.Ended)
        {
            _member.Append(character);
        }

        if (_key is "arguments" or "parameters")
        {
            scan = InArguments(scan, character);
        }

        if (scan is JsonScan.More or JsonScan.Fault)
        {
            return scan;
        }

        _place = Place.AfterValue;
        if (_key is "name" or "tool_name" && !TakeName())
        {
            return JsonScan.Fault;
        }

        return scan == JsonScan.EndedBefore ? Read(character) : JsonScan.More;
    }

    /// <summary>An object is passed on as it comes, a text that holds one when it is whole; anything else is no call's.</summary>
    private JsonScan InArguments(JsonScan scan, char character)
    {
        if (scan == JsonScan.Fault)
        {
            return scan;
        }

        if (_member.Length == 1)
        {
            if (_hasArguments || _member[0] is not ('{' or '"'))
            {
                return JsonScan.Fault;
            }

            _hasArguments = true;
        }

        if (_member[0] == '{')
        {
            Wait(character.ToString());
        }
        else if (scan == JsonScan.Ended)
        {
            if (ReadText(_member.ToString()) is not { } text || !IsObject(text))
            {
                return JsonScan.Fault;
            }

            Wait(text);
        }

        return scan;
    }

    private bool TakeName()
    {
        if ((Name ?? _bareName) is not null || ReadText(_member.ToString()) is not { Length: > 0 } name)
        {
            return false;
        }

        if (Bare is { IsCall: null })
        {
            _bareName = name;
        }
        else
        {
            TakeName(name);
        }

        return true;
    }

    private static string? ReadText(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString() : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The second: half of a surrogate pair.
            return null;
        }
    }

    private static bool IsObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
