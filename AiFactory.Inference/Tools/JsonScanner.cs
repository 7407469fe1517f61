namespace AiFactory.Inference.Tools;

/// <summary>Follows one JSON value (RFC 8259) character by character, so that it can be passed on while it comes, and no further than it is JSON.</summary>
internal sealed class JsonScanner
{
    private const int MostDepth = 64;

    private readonly Stack<char> _open = new();
    private Expected _expected = Expected.Value;
    private bool _isKey;
    private int _hexDigits;
    private string _literal = "";
    private int _literalDone;

    private enum Expected
    {
        Value,
        ValueOrEnd,
        Key,
        KeyOrEnd,
        Colon,
        CommaOrEnd,
        InString,
        InEscape,
        InHex,
        InLiteral,
        AfterMinus,
        AfterZero,
        InDigits,
        AfterPoint,
        InFraction,
        AfterE,
        AfterExponentSign,
        InExponent,
    }

    public JsonScan Accept(char character)
    {
        switch (_expected)
        {
            case Expected.InString:
                return AcceptInString(character);
            case Expected.InEscape:
                return AcceptEscape(character);
            case Expected.InHex:
                return !char.IsAsciiHexDigit(character) ? JsonScan.Fault : Go(--_hexDigits == 0 ? Expected.InString : Expected.InHex);
            case Expected.InLiteral:
                return character != _literal[_literalDone] ? JsonScan.Fault : ++_literalDone == _literal.Length ? EndValue() : JsonScan.More;
            case >= Expected.AfterMinus:
                return AcceptInNumber(character);
            case var _ when character is ' ' or '\n' or '\r' or '\t':
                return JsonScan.More;
            case Expected.Value or Expected.ValueOrEnd:
                return character == ']' && _expected == Expected.ValueOrEnd ? Close('[') : BeginValue(character);
            case Expected.Key or Expected.KeyOrEnd:
                _isKey = true;
                return character == '"' ? Go(Expected.InString) : character == '}' && _expected == Expected.KeyOrEnd ? Close('{') : JsonScan.Fault;
            case Expected.Colon:
                return character == ':' ? Go(Expected.Value) : JsonScan.Fault;
            default:
                return AcceptAfterValue(character);
        }
    }

    private JsonScan Go(Expected expected)
    {
        _expected = expected;
        return JsonScan.More;
    }

    private JsonScan BeginValue(char character)
    {
        switch (character)
        {
            case '{' or '[':
                _open.Push(character);
                return _open.Count > MostDepth ? JsonScan.Fault : Go(character == '{' ? Expected.KeyOrEnd : Expected.ValueOrEnd);
            case '"':
                _isKey = false;
                return Go(Expected.InString);
            case 't' or 'f' or 'n':
                (_literal, _literalDone) = (character == 't' ? "true" : character == 'f' ? "false" : "null", 1);
                return Go(Expected.InLiteral);
            case '-':
                return Go(Expected.AfterMinus);
            case '0':
                return Go(Expected.AfterZero);
            case >= '1' and <= '9':
                return Go(Expected.InDigits);
            default:
                return JsonScan.Fault;
        }
    }

    private JsonScan AcceptInString(char character) => character switch
    {
        '\\' => Go(Expected.InEscape),
        '"' => _isKey ? Go(Expected.Colon) : EndValue(),
        < ' ' => JsonScan.Fault,
        _ => JsonScan.More,
    };

    private JsonScan AcceptEscape(char character)
    {
        _hexDigits = 4;
        return character == 'u' ? Go(Expected.InHex)
            : "\"\\/bfnrt".Contains(character, StringComparison.Ordinal) ? Go(Expected.InString)
            : JsonScan.Fault;
    }

    private JsonScan AcceptInNumber(char character)
    {
        var isDigit = char.IsAsciiDigit(character);
        var isExponent = character is 'e' or 'E';
        return _expected switch
        {
            Expected.AfterMinus => isDigit ? Go(character == '0' ? Expected.AfterZero : Expected.InDigits) : JsonScan.Fault,
            Expected.InDigits when isDigit => JsonScan.More,
            Expected.AfterZero or Expected.InDigits when character == '.' => Go(Expected.AfterPoint),
            Expected.AfterZero or Expected.InDigits or Expected.InFraction when isExponent => Go(Expected.AfterE),
            Expected.AfterPoint or Expected.InFraction when isDigit => Go(Expected.InFraction),
            Expected.AfterE when character is '+' or '-' => Go(Expected.AfterExponentSign),
            Expected.AfterE or Expected.AfterExponentSign or Expected.InExponent when isDigit => Go(Expected.InExponent),
            Expected.AfterZero or Expected.InDigits or Expected.InFraction or Expected.InExponent => EndNumber(character),
            _ => JsonScan.Fault,
        };
    }

    /// <summary>A number ends with the character behind it, which its container takes.</summary>
    private JsonScan EndNumber(char next) => EndValue() == JsonScan.Ended ? JsonScan.EndedBefore : Accept(next);

    private JsonScan AcceptAfterValue(char character) => character switch
    {
        ',' => Go(_open.Peek() == '{' ? Expected.Key : Expected.Value),
        '}' => Close('{'),
        ']' => Close('['),
        _ => JsonScan.Fault,
    };

    private JsonScan Close(char open)
    {
        if (_open.Peek() != open)
        {
            return JsonScan.Fault;
        }

        _open.Pop();
        return EndValue();
    }

    private JsonScan EndValue()
    {
        _expected = Expected.CommaOrEnd;
        return _open.Count == 0 ? JsonScan.Ended : JsonScan.More;
    }
}
