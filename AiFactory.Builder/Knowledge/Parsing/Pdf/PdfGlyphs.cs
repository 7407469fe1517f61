using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Characters by the names that fonts give their glyphs, after the Adobe Glyph List: https://github.com/adobe-type-tools/agl-specification.</summary>
internal static class PdfGlyphs
{
    /// <summary>From U+0020 on.</summary>
    private const string Ascii =
        "space exclam quotedbl numbersign dollar percent ampersand quotesingle parenleft parenright asterisk plus comma hyphen period slash " +
        "zero one two three four five six seven eight nine colon semicolon less equal greater question at " +
        "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum underscore grave " +
        "a b c d e f g h i j k l m n o p q r s t u v w x y z braceleft bar braceright asciitilde";

    /// <summary>From U+00A0 on.</summary>
    private const string Latin1 =
        "nbspace exclamdown cent sterling currency yen brokenbar section dieresis copyright ordfeminine guillemotleft logicalnot sfthyphen registered macron " +
        "degree plusminus twosuperior threesuperior acute mu paragraph periodcentered cedilla onesuperior ordmasculine guillemotright onequarter onehalf threequarters questiondown " +
        "Agrave Aacute Acircumflex Atilde Adieresis Aring AE Ccedilla Egrave Eacute Ecircumflex Edieresis Igrave Iacute Icircumflex Idieresis " +
        "Eth Ntilde Ograve Oacute Ocircumflex Otilde Odieresis multiply Oslash Ugrave Uacute Ucircumflex Udieresis Yacute Thorn germandbls " +
        "agrave aacute acircumflex atilde adieresis aring ae ccedilla egrave eacute ecircumflex edieresis igrave iacute icircumflex idieresis " +
        "eth ntilde ograve oacute ocircumflex otilde odieresis divide oslash ugrave uacute ucircumflex udieresis yacute thorn ydieresis";

    /// <summary>From U+0100 on.</summary>
    private const string LatinA =
        "Amacron amacron Abreve abreve Aogonek aogonek Cacute cacute Ccircumflex ccircumflex Cdotaccent cdotaccent Ccaron ccaron Dcaron dcaron " +
        "Dcroat dcroat Emacron emacron Ebreve ebreve Edotaccent edotaccent Eogonek eogonek Ecaron ecaron Gcircumflex gcircumflex Gbreve gbreve " +
        "Gdotaccent gdotaccent Gcommaaccent gcommaaccent Hcircumflex hcircumflex Hbar hbar Itilde itilde Imacron imacron Ibreve ibreve Iogonek iogonek " +
        "Idotaccent dotlessi IJ ij Jcircumflex jcircumflex Kcommaaccent kcommaaccent kgreenlandic Lacute lacute Lcommaaccent lcommaaccent Lcaron lcaron Ldot " +
        "ldot Lslash lslash Nacute nacute Ncommaaccent ncommaaccent Ncaron ncaron napostrophe Eng eng Omacron omacron Obreve obreve " +
        "Ohungarumlaut ohungarumlaut OE oe Racute racute Rcommaaccent rcommaaccent Rcaron rcaron Sacute sacute Scircumflex scircumflex Scedilla scedilla " +
        "Scaron scaron Tcommaaccent tcommaaccent Tcaron tcaron Tbar tbar Utilde utilde Umacron umacron Ubreve ubreve Uring uring " +
        "Uhungarumlaut uhungarumlaut Uogonek uogonek Wcircumflex wcircumflex Ycircumflex ycircumflex Ydieresis Zacute zacute Zdotaccent zdotaccent Zcaron zcaron longs";

    /// <summary>From U+0391 on; U+03A2 is no letter.</summary>
    private const string Greek =
        "Alpha Beta Gamma Deltagreek Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omegagreek Iotadieresis Upsilondieresis " +
        "alphatonos epsilontonos etatonos iotatonos upsilondieresistonos alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mugreek nu xi omicron pi rho sigma1 sigma tau upsilon phi chi psi omega";

    private const string Others =
        "quoteleft=\u2018 quoteright=\u2019 quotesinglbase=\u201A quotedblleft=\u201C quotedblright=\u201D quotedblbase=\u201E endash=\u2013 emdash=\u2014 bullet=\u2022 ellipsis=\u2026 " +
        "dagger=\u2020 daggerdbl=\u2021 perthousand=\u2030 guilsinglleft=\u2039 guilsinglright=\u203A fraction=\u2044 Euro=\u20AC trademark=\u2122 minus=\u2212 florin=\u0192 " +
        "circumflex=\u02C6 tilde=\u02DC breve=\u02D8 dotaccent=\u02D9 ring=\u02DA ogonek=\u02DB hungarumlaut=\u02DD caron=\u02C7 dotlessj=\u0237 Scommaaccent=\u0218 scommaaccent=\u0219 " +
        "fi=fi fl=fl ff=ff ffi=ffi ffl=ffl lessequal=\u2264 greaterequal=\u2265 notequal=\u2260 infinity=\u221E summation=\u2211 product=\u220F radical=\u221A integral=\u222B partialdiff=\u2202 " +
        "Delta=\u0394 Omega=\u03A9 approxequal=\u2248 element=\u2208 lozenge=\u25CA arrowleft=\u2190 arrowup=\u2191 arrowright=\u2192 arrowdown=\u2193 asteriskmath=* nonbreakingspace=\u00A0 " +
        "similar=~ equivalence=\u2261 logicaland=\u2227 logicalor=\u2228 intersection=\u2229 union=\u222A existential=\u2203 universal=\u2200 emptyset=\u2205 checkmark=\u2713";

    private static readonly FrozenDictionary<string, string> Characters = Build();

    /// <summary>Null for a name that says nothing, such as <c>g123</c>.</summary>
    internal static string? Find(string name)
    {
        if (Characters.TryGetValue(name, out var known))
        {
            return known;
        }

        // "e.alt" is an e, "f_f_i" three letters.
        if (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot)
        {
            return Find(name[..dot]);
        }

        if (name.Contains('_', StringComparison.Ordinal))
        {
            var parts = name.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(Find).ToList();
            return parts.Count > 0 && parts.TrueForAll(part => part is not null) ? string.Concat(parts) : null;
        }

        return name switch
        {
            ['u', 'n', 'i', .. var digits] when digits.Length >= 4 && digits.Length % 4 == 0 => Units(digits),
            ['u', .. var digits] when digits.Length is >= 4 and <= 6 && TryHex(digits, out var value) && Rune.IsValid(value) => new Rune(value).ToString(),
            _ => null,
        };
    }

    private static string? Units(string digits)
    {
        var text = new StringBuilder();
        for (var i = 0; i < digits.Length; i += 4)
        {
            if (!TryHex(digits[i..(i + 4)], out var unit))
            {
                return null;
            }

            text.Append((char)unit);
        }

        return text.ToString();
    }

    private static bool TryHex(string digits, out int value) => int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static FrozenDictionary<string, string> Build()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (first, names) in ((int, string)[])[(0x20, Ascii), (0xA0, Latin1), (0x100, LatinA), (0x391, Greek)])
        {
            var code = first;
            foreach (var name in names.Split(' '))
            {
                all.TryAdd(name, ((char)code++).ToString());
            }
        }

        foreach (var entry in Others.Split(' '))
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            all[entry[..at]] = entry[(at + 1)..];
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
