using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Schemas;
using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Rules as requests meet them: of one level, or of all levels that hold for one project and deployment, together.</summary>
internal sealed record GuardrailPolicy
{
    /// <summary>Of what clients send.</summary>
    public TextRule[] Input { get; init; } = [];

    /// <summary>Of what models answer.</summary>
    public TextRule[] Output { get; init; } = [];

    /// <summary>Whether of an answer anything may be kept back: what only flags lets all of it pass at once.</summary>
    public bool HoldsBack => Array.Exists(Output, rule => rule.Identity.Action != GuardrailActions.Flag);

    public SizeRule[] Sizes { get; init; } = [];

    /// <summary>Of what clients send, by what it is about.</summary>
    public TopicRule[] InputTopics { get; init; } = [];

    /// <summary>Of what models answer, by what it is about.</summary>
    public TopicRule[] OutputTopics { get; init; } = [];

    public SchemaRule[] Schemas { get; init; } = [];

    /// <summary>Whether any rule is about answers.</summary>
    public bool HasOutput => Output.Length > 0 || OutputTopics.Length > 0 || Schemas.Length > 0;

    /// <summary>A rule that this gateway cannot follow, for a newer library wrote it: nothing passes where it should hold.</summary>
    public RuleIdentity? Unusable { get; init; }

    /// <summary>Of rules that several of them have, one is enough.</summary>
    public static GuardrailPolicy Merge(IReadOnlyList<GuardrailPolicy> levels) => levels.Count == 1 ? levels[0] : new GuardrailPolicy
    {
        Input = [.. levels.SelectMany(level => level.Input).Distinct()],
        Output = [.. levels.SelectMany(level => level.Output).Distinct()],
        Sizes = [.. levels.SelectMany(level => level.Sizes).Distinct()],
        InputTopics = [.. levels.SelectMany(level => level.InputTopics).Distinct()],
        OutputTopics = [.. levels.SelectMany(level => level.OutputTopics).Distinct()],
        Schemas = [.. levels.SelectMany(level => level.Schemas).Distinct()],
        Unusable = levels.Select(level => level.Unusable).FirstOrDefault(rule => rule is not null),
    };
}
