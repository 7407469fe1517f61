namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>A rule that looks for something in texts, or the part of it that is about one kind of thing.</summary>
/// <param name="Replacement">What is put in the place of what is masked.</param>
/// <param name="TrustsInstructions">Whether it passes over what the application's author wrote: messages of the roles system and developer.</param>
internal sealed record TextRule(RuleIdentity Identity, Finder Finder, string Replacement, bool TrustsInstructions = false);
