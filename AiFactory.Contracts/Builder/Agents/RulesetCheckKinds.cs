namespace AiFactory.Contracts.Builder.Agents;

public static class RulesetCheckKinds
{
    /// <summary>Words and phrases with commas between them: <c>guarantee, money back</c>. Whole words, in any case.</summary>
    public const string ForbiddenWords = "forbidden_words";

    /// <summary>A regular expression that matches nowhere in the answer. No look-arounds and no back-references.</summary>
    public const string ForbiddenPattern = "forbidden_pattern";

    /// <summary>A regular expression that matches somewhere in the answer.</summary>
    public const string RequiredPattern = "required_pattern";

    /// <summary>A number, 1 to 1,000,000: the answer has at most so many characters.</summary>
    public const string MaximumCharacters = "max_characters";
}
