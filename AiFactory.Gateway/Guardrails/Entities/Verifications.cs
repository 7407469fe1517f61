using System.Collections.Frozen;
using System.Globalization;
using System.Net;

namespace AiFactory.Gateway.Guardrails.Entities;

/// <summary>Tells what is of a kind from what only looks like it. What looks like it may go on into words or numbers that are none of it: then its beginning counts.</summary>
internal static class Verifications
{
    /// <summary>Country and length, of the registry of ISO 13616 (https://www.swift.com/standards/data-standards/iban).</summary>
    private static readonly FrozenDictionary<string, int> IbanLengths =
        ("AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
        + "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
        + "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
        .Split(' ').ToFrozenDictionary(entry => entry[..2], entry => int.Parse(entry.AsSpan(2), CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>Its last label is one of letters: <c>a@b.c2</c> is none, and <c>a@b.de.</c> ends before the last dot.</summary>
    public static int Email(ReadOnlySpan<char> candidate)
    {
        var at = candidate.IndexOf('@');
        while (candidate.LastIndexOf('.') is var dot && dot > at)
        {
            var top = candidate[(dot + 1)..];
            var letters = 0;
            while (letters < top.Length && char.IsLetter(top[letters]))
            {
                letters++;
            }

            if (letters >= 2)
            {
                return dot + 1 + letters;
            }

            candidate = candidate[..dot];
        }

        return 0;
    }

    public static int CreditCard(ReadOnlySpan<char> candidate)
    {
        Span<byte> digits = stackalloc byte[19];
        for (var length = candidate.Length; length >= 13; length--)
        {
            if (!char.IsDigit(candidate[length - 1]) || (length < candidate.Length && char.IsDigit(candidate[length])))
            {
                continue;
            }

            var number = digits[..Checksums.Digits(candidate[..length], digits)];
            if (number.Length < 13)
            {
                return 0;
            }

            if (IsOfNetwork(number) && Checksums.Luhn(number))
            {
                return length;
            }
        }

        return 0;
    }

    public static int Iban(ReadOnlySpan<char> candidate)
    {
        Span<char> iban = stackalloc char[34];
        var (count, most) = (0, 4);
        for (var i = 0; i < candidate.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(candidate[i]))
            {
                continue;
            }

            iban[count++] = char.ToUpperInvariant(candidate[i]);
            if (count == 2 && !IbanLengths.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(iban[..2], out most))
            {
                return 0;
            }

            if (count > 2 && count == most)
            {
                var isWhole = i + 1 == candidate.Length || !char.IsAsciiLetterOrDigit(candidate[i + 1]);
                return isWhole && Checksums.Mod97(iban[..count]) ? i + 1 : 0;
            }
        }

        return 0;
    }

    /// <summary>Times (<c>12:30:45</c>) and names of code (<c>add::dec</c>) look like one.</summary>
    public static int IpAddress(ReadOnlySpan<char> candidate)
    {
        if (!candidate.Contains(':'))
        {
            foreach (var part in candidate.Split('.'))
            {
                if (!byte.TryParse(candidate[part], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    return 0;
                }
            }

            return candidate.Length;
        }

        Span<byte> digits = stackalloc byte[2];
        return Checksums.Digits(candidate, digits) == 2 && IPAddress.TryParse(candidate, out _) ? candidate.Length : 0;
    }

    /// <summary>Numbers that are never given: https://www.ssa.gov/employer/randomizationfaqs.html.</summary>
    public static int UsSsn(ReadOnlySpan<char> candidate) =>
        candidate[..3] is "000" or "666" || candidate[0] == '9' || candidate[4..6] is "00" || candidate[7..] is "0000" ? 0 : candidate.Length;

    /// <summary>Of the first ten digits one stands there twice or three times, and no other does (since 2016); then the check digit.</summary>
    public static int GermanTaxId(ReadOnlySpan<char> candidate)
    {
        Span<byte> digits = stackalloc byte[11];
        if (Checksums.Digits(candidate, digits) != 11)
        {
            return 0;
        }

        Span<int> counts = stackalloc int[10];
        counts.Clear();
        foreach (var digit in digits[..10])
        {
            counts[digit]++;
        }

        var repeated = 0;
        foreach (var count in counts)
        {
            repeated += count > 1 ? 1 : 0;
        }

        return repeated == 1 && !counts.ContainsAnyInRange(4, 10) && Checksums.Mod11And10(digits) ? candidate.Length : 0;
    }

    public static int SwissAhv(ReadOnlySpan<char> candidate)
    {
        Span<byte> digits = stackalloc byte[13];
        return Checksums.Digits(candidate, digits) == 13 && Checksums.Ean(digits) ? candidate.Length : 0;
    }

    /// <summary>Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro.</summary>
    private static bool IsOfNetwork(ReadOnlySpan<byte> number) => number[0] is >= 3 and <= 6 || (number[0] == 2 && number[1] is >= 2 and <= 7);
}
