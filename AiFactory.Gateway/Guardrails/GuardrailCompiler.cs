using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails.Entities;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Schemas;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.ServiceDefaults.Guardrails;
using AiFactory.ServiceDefaults.Schemas;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Makes of a level's rules what requests are held against.</summary>
internal static class GuardrailCompiler
{
    /// <summary>Made once, whoever uses it.</summary>
    private static readonly Dictionary<string, Lazy<Finder>> Finders = EntityTable.All.ToDictionary(
        entity => entity.Key, entity => new Lazy<Finder>(() => new Finder(Parse(entity.Value.Pattern, ignoreCase: IsCaseless(entity.Key), streams: true, ours: true), entity.Value.Verify)), StringComparer.Ordinal);

    private static readonly Lazy<Finder> Injections = new(() => new Finder(Parse(InjectionPhrases.Pattern, ignoreCase: true, streams: false, ours: true)));

    /// <param name="refuse">Is told of what cannot be followed.</param>
    public static GuardrailPolicy Compile(GuardrailRoute route, Action<string> refuse)
    {
        var level = route.Deployment is not null ? "deployment" : route.Project is not null ? "project" : "factory";
        var (topicsIn, topicsOut, schemas) = (new List<TopicRule>(), new List<TopicRule>(), new List<SchemaRule>());
        var (input, output, sizes, unusable) = (new List<TextRule>(), new List<TextRule>(), new List<SizeRule>(), (RuleIdentity?)null);

        // Rules that were saved before there was one may be above it: what they are for is refused, and gateways start.
        var budget = PatternBudget.OfPolicy();
        foreach (var rule in route.Rules.Where(rule => rule.Enabled))
        {
            var identity = new RuleIdentity(level, rule.Name, rule.Action);
            try
            {
                var texts = TextRules(rule, identity, budget);
                input.AddRange(rule.AppliesTo == GuardrailDirections.Output ? [] : texts);
                output.AddRange(rule.AppliesTo == GuardrailDirections.Input ? [] : texts);
                switch (rule)
                {
                    case { Kind: GuardrailKinds.Size, Sizes: { } limits }:
                        sizes.Add(new SizeRule(identity, limits));
                        break;
                    case { Kind: GuardrailKinds.Topic }:
                        // One for both directions: what it knows of its topics is found out once.
                        var topic = new TopicRule(identity, route.Project ?? "", rule);
                        topicsIn.AddRange(rule.AppliesTo == GuardrailDirections.Output ? [] : [topic]);
                        topicsOut.AddRange(rule.AppliesTo == GuardrailDirections.Input ? [] : [topic]);
                        break;
                    case { Kind: GuardrailKinds.Schema, Schema: { } schema }:
                        schemas.Add(new SchemaRule(identity, JsonSchema.Parse(schema, out var fault, budget) ?? throw new NotSupportedException(fault)));
                        break;
                }
            }
            catch (NotSupportedException fault)
            {
                unusable = identity;
                refuse($"rule {identity.Path} of project {route.Project ?? "(all)"}: {fault.Message}; what it is for is refused");
            }
        }

        return new GuardrailPolicy { Input = [.. input], Output = [.. output], Sizes = [.. sizes], InputTopics = [.. topicsIn], OutputTopics = [.. topicsOut], Schemas = [.. schemas], Unusable = unusable };
    }

    private static TextRule[] TextRules(GuardrailRule rule, RuleIdentity identity, PatternBudget budget)
    {
        if (!GuardrailActions.All.Contains(rule.Action) || !GuardrailDirections.All.Contains(rule.AppliesTo))
        {
            throw new NotSupportedException($"this gateway does not know '{rule.Action}' or '{rule.AppliesTo}'");
        }

        var streams = rule.AppliesTo != GuardrailDirections.Input;
        var mask = rule.Replacement ?? $"[{rule.Name.ToUpperInvariant()}]";
        return rule switch
        {
            { Kind: GuardrailKinds.Pattern, Pattern: { } pattern } => [new TextRule(identity, new Finder(Parse(pattern, rule.IgnoreCase, streams, budget: budget)), mask)],
            { Kind: GuardrailKinds.Words, Words: { } words } => [new TextRule(identity, new Finder(Parse(GuardrailRules.PatternOf(words), ignoreCase: true, streams, ours: true, budget)), mask)],
            { Kind: GuardrailKinds.Pii, Entities: { } entities } => [.. entities.Distinct(StringComparer.Ordinal).Select(entity => new TextRule(identity, FinderOf(entity), rule.Replacement ?? $"[{EntityTable.All[entity].Label}]"))],
            { Kind: GuardrailKinds.Injection } => [new TextRule(identity, Injections.Value, mask, TrustsInstructions: true)],
            { Kind: GuardrailKinds.Size } => [],
            { Kind: GuardrailKinds.Topic, Topics: { Count: > 0 }, Judge: { Length: > 0 }, Action: not GuardrailActions.Mask, Authors: null or GuardrailAuthors.All or GuardrailAuthors.Users } => [],
            { Kind: GuardrailKinds.Schema, Schema: not null, Action: not GuardrailActions.Mask, AppliesTo: GuardrailDirections.Output } => [],
            _ => throw new NotSupportedException($"this gateway does not know the kind '{rule.Kind}', or misses what it needs"),
        };
    }

    private static Finder FinderOf(string entity) => Finders.TryGetValue(entity, out var finder) ? finder.Value : throw new NotSupportedException($"this gateway does not know '{entity}'");

    /// <summary>Keys mean what they are in one case alone.</summary>
    private static bool IsCaseless(string entity) => entity is GuardrailEntities.Iban or GuardrailEntities.IpAddress or GuardrailEntities.Email;

    private static RulePattern Parse(string pattern, bool ignoreCase, bool streams, bool ours = false, PatternBudget? budget = null) =>
        RulePattern.Parse(pattern, ignoreCase, streams, out var complaint, ours, budget) ?? throw new NotSupportedException(complaint);
}
