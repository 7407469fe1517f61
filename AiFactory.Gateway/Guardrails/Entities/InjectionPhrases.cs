namespace AiFactory.Gateway.Guardrails.Entities;

/// <summary>
/// Phrases that talk a model out of its instructions, and marks by which templates tell roles apart. They are what such attempts have in common, and no proof: who means to get past them finds
/// words to do it with.
/// </summary>
internal static class InjectionPhrases
{
    /// <summary>So many words may stand between.</summary>
    private const string Between = @"(?:\W{1,5}\w{1,20}){0,4}\W{1,5}";

    private static readonly string[] Phrases =
    [
        $@"\b(?:ignore|disregard|forget|override|bypass|neglect)\b{Between}(?:instructions?|rules?|prompts?|guidelines?|directives?|restrictions?|constraints?|filters?|polic(?:y|ies)|training)\b",
        $@"\b(?:reveal|show|print|repeat|output|display|leak|tell|give)\b{Between}(?:system|initial|hidden|secret|original|developer)\W{{1,5}}(?:prompts?|instructions?|messages?)\b",
        $@"\b(?:pretend|act|behave|respond|answer|speak)\b{Between}(?:without|no|free\W{{1,5}}of)\W{{1,5}}(?:any\W{{1,5}})?(?:restrictions?|limits?|limitations?|filters?|rules?|censorship|guidelines?|morals?|ethics)\b",
        @"\byou\W{1,5}are\W{1,5}(?:now\W{1,5})?(?:no\W{1,5}longer|DAN\b|jailbroken|unrestricted|unfiltered|in\W{1,5}developer\W{1,5}mode)",
        @"\b(?:do\W{1,5}anything\W{1,5}now|jailbreak\W{1,5}mode|developer\W{1,5}mode\W{1,5}(?:enabled|on)|DAN\W{1,5}mode)\b",
        $@"\b(?:ignoriere?|vergiss|vergesse|missachte|umgehe|überschreibe?)\b{Between}(?:anweisung(?:en)?|regeln?|vorgaben?|instruktion(?:en)?|richtlinien?|systemprompt)\b",
        $@"\b(?:zeige?|nenne|verrate|wiederhole|gib)\b{Between}(?:systemprompt|systemanweisung(?:en)?|system-prompt)\b",
        $@"\b(?:ignore[rz]?|oublie[rz]?|contourne[rz]?)\b{Between}(?:instructions|consignes|règles)\b",
        $@"\b(?:ignora|ignore|olvida|olvide|dimentica)\b{Between}(?:instrucciones|reglas|istruzioni|regole)\b",
        @"<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id)\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>",
        @"#{2,4}\s{0,3}(?:system|instructions?|new\s{1,3}instructions?)\s{0,3}:",
    ];

    /// <summary>In whatever case.</summary>
    public static string Pattern { get; } = string.Join('|', Phrases);
}
