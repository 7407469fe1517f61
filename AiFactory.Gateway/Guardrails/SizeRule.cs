using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Guardrails;

/// <summary>A rule of how much a request may ask.</summary>
internal sealed record SizeRule(RuleIdentity Identity, GuardrailSizes Sizes)
{
    /// <summary>What of it is too much, in words and by the member that it is about; null when nothing is.</summary>
    public (string Words, string Place)? Exceeded(JsonTexts texts, long characters)
    {
        if (Sizes.Messages < texts.Messages)
        {
            return ($"it has {texts.Messages} messages, and {Sizes.Messages} may pass", "messages");
        }

        if (Sizes.Characters < characters)
        {
            return ($"its texts have {characters} characters, and {Sizes.Characters} may pass", "messages");
        }

        if (Sizes.Tokens is not { } most)
        {
            return null;
        }

        var (choices, each) = (texts.Length.Choices, texts.Length.Tokens);
        return each > most ? ($"it asks for {(each == long.MaxValue ? "no number of" : $"{each}")} tokens, and {most} may be asked", "max_tokens")
            : choices > most || each * choices > most ? ($"it asks for {choices} answers of {(each is null ? "any number of" : $"{each}")} tokens, and {most} tokens may be asked in all", "n")
            : null;
    }
}
