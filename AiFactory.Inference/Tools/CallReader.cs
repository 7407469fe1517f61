using System.Text;
using System.Text.Json;

namespace AiFactory.Inference.Tools;

/// <summary>
/// Reads the object of one call as it comes: <c>{"name": "get_weather", "arguments": {"city": "Oslo"}}</c>, in either order; other members are passed over. Arguments that stand before the
/// name wait for it. Some models write the arguments as a text that holds JSON: that text's content is what is told.
/// </summary>
internal sealed class CallReader
{
    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _member = new();
    private readonly StringBuilder _waiting = new();
    private JsonScanner _scanner = new();
    private Place _place = Place.BeforeObject;
    private string _key = "";
    private int _waitingEnd;
    private int _told;
    private bool _hasArguments;

    /// <param name="before">The mark, and what was held back before it.</param>
    public CallReader(string before) => _raw.Append(before);

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

    public string? Name { get; private set; }

    public string Raw => _raw.ToString();

    /// <summary>What was neither told as the name nor as arguments.</summary>
    public string Rest => _raw.ToString(_told, _raw.Length - _told);

    /// <summary>Whether a call whose last brace is missing may pass as whole. One that was cut off behind its name may not: its arguments were still to come.</summary>
    public bool MayEnd => _place == Place.AfterValue && Name is not null && _hasArguments;

    /// <summary>The arguments that came since this was last asked, once the name is known.</summary>
    public string TakeArguments()
    {
        if (Name is null || _waiting.Length == 0)
        {
            return "";
        }

        var piece = _waiting.ToString();
        _waiting.Clear();
        _told = Math.Max(_told, _waitingEnd);
        return piece;
    }

    /// <summary>What stands for arguments that the call does not have.</summary>
    public string MissingArguments => _hasArguments ? "" : "{}";

    public JsonScan Accept(char character)
    {
        var scan = Step(character);
        if (scan is JsonScan.More or JsonScan.Ended)
        {
            _raw.Append(character);
        }

        return scan;
    }

    private JsonScan Step(char character)
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
            case (Place.AfterValue, ','):
                _place = Place.BeforeKey;
                return JsonScan.More;
            case (Place.AfterValue, '}') when Name is not null:
                return JsonScan.Ended;
            case (Place.AfterValue, '<') when Name is not null:
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
        if (_key == "name" && !TakeName())
        {
            return JsonScan.Fault;
        }

        return scan == JsonScan.EndedBefore ? Step(character) : JsonScan.More;
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

        // The character in hand is appended to the raw text when it is accepted.
        void Wait(string piece)
        {
            _waiting.Append(piece);
            _waitingEnd = _raw.Length + 1;
        }
    }

    private bool TakeName()
    {
        if (Name is not null || ReadText(_member.ToString()) is not { Length: > 0 } name)
        {
            return false;
        }

        Name = name;
        _told = Math.Max(_told, _raw.Length + 1);
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
