using System.Globalization;

namespace AiFactory.Gateway.Guardrails.Entities;

/// <summary>Check digits. All of these take a run of decimal digits as numbers, the check digit included.</summary>
internal static class Checksums
{
    /// <summary>ISO/IEC 7812-1, annex B.</summary>
    public static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] * (1 + (i % 2));
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    /// <summary>Of EAN-13, which Switzerland's AHV number has.</summary>
    public static bool Ean(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            sum += digits[^(i + 1)] * (i % 2 == 0 ? 1 : 3);
        }

        return sum % 10 == 0;
    }

    /// <summary>ISO 7064, MOD 11,10.</summary>
    public static bool Mod11And10(ReadOnlySpan<byte> digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (digit + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return (11 - product) % 10 == digits[^1];
    }

    /// <summary>ISO 13616-1: the first four characters stand last, letters count from 10, the rest of the division by 97 is 1.</summary>
    /// <param name="iban">Capital letters and digits alone.</param>
    public static bool Mod97(ReadOnlySpan<char> iban)
    {
        var rest = 0;
        for (var i = 0; i < iban.Length; i++)
        {
            var letter = iban[(i + 4) % iban.Length];
            rest = char.IsAsciiDigit(letter) ? ((rest * 10) + (letter - '0')) % 97 : ((rest * 100) + (letter - 'A' + 10)) % 97;
        }

        return rest == 1;
    }

    /// <summary>The decimal digits of a text, of whatever script, as numbers.</summary>
    /// <returns>How many there are; no more than fit.</returns>
    public static int Digits(ReadOnlySpan<char> text, Span<byte> digits)
    {
        var count = 0;
        foreach (var letter in text)
        {
            if (CharUnicodeInfo.GetDecimalDigitValue(letter) is var digit and >= 0 && count < digits.Length)
            {
                digits[count++] = (byte)digit;
            }
        }

        return count;
    }
}
