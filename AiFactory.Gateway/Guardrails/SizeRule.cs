using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Guardrails;

/// <summary>A rule of how much a request may ask.</summary>
internal sealed record SizeRule(RuleIdentity Identity, GuardrailSizes Sizes)
{
    /// <summary>What of it is too much, in words and by the member that it is about; null when nothing is.</summary>
    public (string Words, string Place)? Exceeded(JsonTexts texts, long characters) => Sizes switch
    {
        { Messages: { } most } when texts.Messages > most => ($"it has {texts.Messages} messages, and {most} may pass", "messages"),
        { Characters: { } most } when characters > most => ($"its texts have {characters} characters, and {most} may pass", "messages"),
        { Tokens: { } most } when texts.Tokens > most => ($"it asks for {texts.Tokens} tokens, and {most} may be asked", "max_tokens"),
        _ => null,
    };
}
