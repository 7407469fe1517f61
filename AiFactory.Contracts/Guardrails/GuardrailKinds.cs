namespace AiFactory.Contracts.Guardrails;

/// <summary>What a rule looks for.</summary>
public static class GuardrailKinds
{
    /// <summary>A regular expression.</summary>
    public const string Pattern = "pattern";

    /// <summary>Personal data and secrets of the kinds in <see cref="GuardrailEntities"/>.</summary>
    public const string Pii = "pii";

    /// <summary>Words and phrases, in whatever case.</summary>
    public const string Words = "words";

    /// <summary>Phrases that talk a model out of its instructions.</summary>
    public const string Injection = "injection";

    /// <summary>How much is asked.</summary>
    public const string Size = "size";

    /// <summary>What a text is about, as a model of the factory judges it.</summary>
    public const string Topic = "topic";

    /// <summary>Answers that are not the JSON that they should be.</summary>
    public const string Schema = "schema";

    public static IReadOnlyList<string> All { get; } = [Pattern, Pii, Words, Injection, Size, Topic, Schema];
}
