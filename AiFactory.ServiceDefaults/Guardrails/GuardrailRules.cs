using System.Text.RegularExpressions;
using AiFactory.Contracts.Guardrails;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Schemas;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>What a policy may say: asked where one is written, and where one is tried.</summary>
public static partial class GuardrailRules
{
    public const int MostRules = 50;

    /// <summary>Characters.</summary>
    private const int LongestPattern = 2000;
    private const int MostWords = 200;
    private const int LongestWord = 100;
    private const int WordCharacters = 1500;
    private const int LongestReplacement = 64;

    /// <summary>Adds a complaint for each fault, under its place: <c>rules[2].pattern</c>.</summary>
    public static void Check(IReadOnlyList<GuardrailRule>? rules, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (rules is null)
        {
            errors.Add("rules", "List the rules; an empty list takes them away.");
            return;
        }

        errors.Require(rules.Count <= MostRules, "rules", $"Use at most {MostRules} rules.");
        var (names, budget) = (new HashSet<string>(StringComparer.Ordinal), PatternBudget.OfPolicy());
        for (var i = 0; i < Math.Min(rules.Count, MostRules); i++)
        {
            if (rules[i] is not { } rule)
            {
                errors.Add($"rules[{i}]", "It is null.");
                continue;
            }

            Check(rule, $"rules[{i}]", budget, errors);
            errors.Require(names.Add(rule.Name ?? ""), $"rules[{i}].name", $"Another rule has the name '{rule.Name}' already.");
        }
    }

    /// <summary>A words rule as the pattern that it stands for: white space of any kind between the parts of a phrase, and no letter before or behind it.</summary>
    public static string PatternOf(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return string.Join('|', words.OrderByDescending(word => word.Length).Select(word =>
            $"{Edge(word.TrimStart()[0])}{string.Join(@"\s{1,4}", word.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Regex.Escape))}{Edge(word.TrimEnd()[^1])}"));
    }

    private static void Check(GuardrailRule rule, string place, PatternBudget budget, FieldErrors errors)
    {
        errors.Require(NamePattern().IsMatch(rule.Name ?? ""), $"{place}.name", "A rule's name is 1 to 40 lower-case letters, digits and '-', and begins with a letter or digit.");
        Require(GuardrailKinds.All, rule.Kind, $"{place}.kind", errors);
        Require(GuardrailActions.All, rule.Action, $"{place}.action", errors);
        Require(GuardrailDirections.All, rule.AppliesTo, $"{place}.appliesTo", errors);
        var masks = rule.Action == GuardrailActions.Mask;
        errors.Require(
            !masks || rule.Kind is not (GuardrailKinds.Size or GuardrailKinds.Injection or GuardrailKinds.Topic or GuardrailKinds.Schema),
            $"{place}.action",
            "What it finds has no place in the text that could be masked: block or flag it.");
        errors.Require(
            rule.AppliesTo == GuardrailDirections.Output || rule.Kind != GuardrailKinds.Schema, $"{place}.appliesTo", $"A rule of this kind reads what models answer: use '{GuardrailDirections.Output}'.");
        errors.Require(
            rule.AppliesTo == GuardrailDirections.Input || rule.Kind is not (GuardrailKinds.Size or GuardrailKinds.Injection), $"{place}.appliesTo", $"A rule of this kind reads what clients send: use '{GuardrailDirections.Input}'.");
        errors.Require(rule.Replacement is null || masks, $"{place}.replacement", "Only what is masked is replaced: leave it out.");
        errors.Require(
            rule.Replacement is not { } put || (put.Length <= LongestReplacement && !put.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || letter is '"' or '\\')),
            $"{place}.replacement",
            $"Use at most {LongestReplacement} characters, without quotes, backslashes and control characters: it is put into JSON that models wrote.");
        CheckKind(rule, place, budget, errors);
    }

    private static void CheckKind(GuardrailRule rule, string place, PatternBudget budget, FieldErrors errors)
    {
        var isOf = (string kind) => rule.Kind == kind;
        errors.Require(isOf(GuardrailKinds.Pattern) == rule.Pattern is not null, $"{place}.pattern", Needed(rule, GuardrailKinds.Pattern, "a regular expression"));
        errors.Require(isOf(GuardrailKinds.Pii) == rule.Entities is { Count: > 0 }, $"{place}.entities", Needed(rule, GuardrailKinds.Pii, $"some of {string.Join(", ", GuardrailEntities.All)}"));
        errors.Require(isOf(GuardrailKinds.Words) == rule.Words is { Count: > 0 }, $"{place}.words", Needed(rule, GuardrailKinds.Words, "words or phrases"));
        errors.Require(isOf(GuardrailKinds.Size) == rule.Sizes is not null, $"{place}.sizes", Needed(rule, GuardrailKinds.Size, "the most messages, characters or tokens"));
        errors.Require(isOf(GuardrailKinds.Topic) == rule.Topics is { Count: > 0 }, $"{place}.topics", Needed(rule, GuardrailKinds.Topic, "one topic or more"));
        errors.Require(isOf(GuardrailKinds.Topic) == !string.IsNullOrEmpty(rule.Judge), $"{place}.judge", Needed(rule, GuardrailKinds.Topic, "the name of the deployment that judges"));
        errors.Require(isOf(GuardrailKinds.Topic) || rule.Threshold is null, $"{place}.threshold", Needed(rule, GuardrailKinds.Topic, ""));
        errors.Require(isOf(GuardrailKinds.Topic) || rule.Authors is null, $"{place}.authors", Needed(rule, GuardrailKinds.Topic, ""));
        errors.Require(isOf(GuardrailKinds.Topic) || rule.OnFailure is null, $"{place}.onFailure", Needed(rule, GuardrailKinds.Topic, ""));
        errors.Require(isOf(GuardrailKinds.Schema) == rule.Schema is not null, $"{place}.schema", Needed(rule, GuardrailKinds.Schema, "a JSON schema"));
        switch (rule)
        {
            case { Kind: GuardrailKinds.Topic, Topics: { } topics }:
                TopicRules.Check(topics, rule, place, errors);
                break;
            case { Kind: GuardrailKinds.Schema, Schema: { } schema }:
                JsonSchema.Parse(schema, out var fault, budget);
                errors.Require(fault is null, $"{place}.schema", fault ?? "");
                break;
            case { Kind: GuardrailKinds.Pattern, Pattern: { } pattern }:
                CheckPattern(pattern, rule, $"{place}.pattern", budget, errors);
                break;
            case { Kind: GuardrailKinds.Pii, Entities: { } entities }:
                CheckEntities(entities, $"{place}.entities", errors);
                break;
            case { Kind: GuardrailKinds.Words, Words: { } words }:
                CheckWords(words, rule, $"{place}.words", budget, errors);
                break;
            case { Kind: GuardrailKinds.Size, Sizes: { } sizes }:
                errors.Require(sizes is not { Messages: null, Characters: null, Tokens: null }, $"{place}.sizes", "Name at least one of messages, characters and tokens.");
                errors.Require(sizes is { Messages: null or > 0, Characters: null or > 0, Tokens: null or > 0 }, $"{place}.sizes", "Each is at least 1.");
                break;
        }
    }

    /// <summary>Each is a search of every text: without repeats they are no more than there are kinds.</summary>
    private static void CheckEntities(IReadOnlyList<string> entities, string place, FieldErrors errors)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entity in entities.Take(GuardrailEntities.All.Count + 1))
        {
            errors.Require(GuardrailEntities.All.Contains(entity), place, $"There is no kind '{entity}'; use {string.Join(", ", GuardrailEntities.All)}.");
            errors.Require(named.Add(entity ?? ""), place, $"It names '{entity}' more than once: name each kind once.");
        }
    }

    private static void CheckPattern(string pattern, GuardrailRule rule, string place, PatternBudget budget, FieldErrors errors)
    {
        if (pattern.Length is 0 or > LongestPattern || pattern.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add(place, $"A pattern has 1 to {LongestPattern} characters.");
            return;
        }

        RulePattern.Parse(pattern, rule.IgnoreCase, rule.AppliesTo != GuardrailDirections.Input, out var complaint, budget: budget);
        errors.Require(complaint is null, place, complaint ?? "");
    }

    private static void CheckWords(IReadOnlyList<string> words, GuardrailRule rule, string place, PatternBudget budget, FieldErrors errors)
    {
        errors.Require(words.Count <= MostWords, place, $"Use at most {MostWords} words and phrases.");
        if (!words.All(word => !string.IsNullOrWhiteSpace(word) && word.Length <= LongestWord && !word.Any(char.IsControl)))
        {
            errors.Add(place, $"Each has 1 to {LongestWord} characters that can be seen.");
        }
        else if (words.Sum(word => word.Length) > WordCharacters)
        {
            errors.Add(place, $"Together they have at most {WordCharacters} characters: spread them over several rules.");
        }
        else
        {
            RulePattern.Parse(PatternOf(words), ignoreCase: true, rule.AppliesTo != GuardrailDirections.Input, out var complaint, ours: true, budget);
            errors.Require(complaint is null, place, complaint == PatternBudget.Full ? complaint : "Together they are too much for one search: spread them over several rules.");
        }
    }

    /// <summary>No letter stands before or behind a phrase's own; a phrase that begins or ends with another sign has no such edge.</summary>
    private static string Edge(char letter) => char.IsLetterOrDigit(letter) || letter == '_' ? @"\b" : "";

    private static string Needed(GuardrailRule rule, string kind, string what) => rule.Kind == kind ? $"A rule of kind '{kind}' needs {what}." : $"Only a rule of kind '{kind}' has it: leave it out.";

    private static void Require(IReadOnlyList<string> known, string? value, string place, FieldErrors errors) =>
        errors.Require(value is not null && known.Contains(value), place, $"Use {string.Join(", ", known.Select(one => $"'{one}'"))}.");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
