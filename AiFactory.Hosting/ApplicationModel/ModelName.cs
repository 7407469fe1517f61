namespace Aspire.Hosting.ApplicationModel;

/// <summary>Aspire's rule for the names of resources and endpoints: a DNS label of at most 64 characters.</summary>
internal static class ModelName
{
    private const int MaxLength = 64;

    public static void Validate(string target, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Fault(name) is { } fault)
        {
            throw new ArgumentException($"{target} name '{name}' is invalid. Name must {fault}.", nameof(name));
        }
    }

    private static string? Fault(string name)
    {
        if (name.Length > MaxLength)
        {
            return $"be between 1 and {MaxLength} characters long";
        }

        if (!char.IsAsciiLetter(name[0]))
        {
            return "start with an ASCII letter";
        }

        if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
        {
            return "contain only ASCII letters, digits, and hyphens";
        }

        if (name.Contains("--", StringComparison.Ordinal))
        {
            return "not contain consecutive hyphens";
        }

        return name.EndsWith('-') ? "not end with a hyphen" : null;
    }
}
