using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>
/// A number of JSON, of any length, as it is written: <c>-12.50e3</c> is -0.125 × 10⁵. .NET's own types round, and its readers throw where an exponent is too large for them, which a model's answer may well have.
/// </summary>
internal readonly struct ExactNumber
{
    /// <summary>An exponent beyond is as good as this one.</summary>
    private const long Furthest = 1L << 60;

    /// <summary>Without zeros before and behind; none for 0.</summary>
    private readonly byte[] _digits;

    /// <summary>Of ten, by which 0.digits is multiplied.</summary>
    private readonly long _exponent;

    private readonly int _sign;

    private ExactNumber(ReadOnlySpan<byte> raw)
    {
        _sign = raw[0] == '-' ? -1 : 1;
        raw = raw.TrimStart((byte)'-');
        var e = raw.IndexOfAny((byte)'e', (byte)'E');
        var written = e < 0 ? raw : raw[..e];
        var dot = written.IndexOf((byte)'.');
        var whole = dot < 0 ? written : written[..dot];
        byte[] digits = [.. whole, .. dot < 0 ? default : written[(dot + 1)..]];
        var zeros = digits.AsSpan().IndexOfAnyExcept((byte)'0');
        (_digits, _exponent) = ([], 0);
        if (zeros < 0)
        {
            _sign = 0;
            return;
        }

        _digits = digits.AsSpan(zeros).TrimEnd((byte)'0').ToArray();
        _exponent = whole.Length - zeros + (e < 0 ? 0 : Exponent(raw[(e + 1)..]));
    }

    public bool IsInteger => _digits.Length <= _exponent || _sign == 0;

    public static ExactNumber Of(JsonElement number) => new(JsonMarshal.GetRawUtf8Value(number));

    public int CompareTo(ExactNumber other)
    {
        if (_sign != other._sign || _sign == 0)
        {
            return _sign.CompareTo(other._sign);
        }

        var size = _exponent.CompareTo(other._exponent);
        return _sign * (size != 0 ? size : _digits.AsSpan().SequenceCompareTo(other._digits));
    }

    /// <summary>The same of equal ones.</summary>
    public int Hash()
    {
        var hash = new HashCode();
        hash.Add(_sign);
        hash.Add(_exponent);
        hash.AddBytes(_digits);
        return hash.ToHashCode();
    }

    private static long Exponent(ReadOnlySpan<byte> written)
    {
        var isNegative = written[0] == '-';
        var exponent = 0L;
        foreach (var digit in written[0] is (byte)'-' or (byte)'+' ? written[1..] : written)
        {
            exponent = Math.Min((exponent * 10) + digit - '0', Furthest / 16);
        }

        return isNegative ? -exponent : exponent;
    }
}
