using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value. Characters that look alike (0 O, 1 l I) are left out, as in Aspire.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    public int MinLength { get; set; } = 22;

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    public override string GetDefaultValue()
    {
        (bool Use, int Min, string Characters)[] classes =
            [(Lower, MinLower, LowerCharacters), (Upper, MinUpper, UpperCharacters), (Numeric, MinNumeric, NumericCharacters), (Special, MinSpecial, SpecialCharacters)];
        var alphabet = string.Concat(classes.Where(c => c.Use).Select(c => c.Characters));
        if (alphabet.Length == 0 || classes.Any(c => !c.Use && c.Min > 0))
        {
            throw new ArgumentException("A generated parameter needs at least one character class, and no minimum of a class that is left out.");
        }

        var characters = classes.Where(c => c.Use)
            .SelectMany(c => RandomNumberGenerator.GetItems<char>(c.Characters, c.Min))
            .ToList();
        characters.AddRange(RandomNumberGenerator.GetItems<char>(alphabet, Math.Max(0, MinLength - characters.Count)));
        var value = characters.ToArray();
        RandomNumberGenerator.Shuffle<char>(value);
        return new string(value);
    }

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", MinLength);
        WriteFlag("lower", Lower);
        WriteFlag("upper", Upper);
        WriteFlag("numeric", Numeric);
        WriteFlag("special", Special);
        context.Writer.WriteEndObject();

        void WriteFlag(string name, bool value)
        {
            if (!value)
            {
                context.Writer.WriteBoolean(name, value);
            }
        }
    }
}
