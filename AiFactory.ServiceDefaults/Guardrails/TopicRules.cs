using AiFactory.Contracts.Guardrails;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>What a rule may say of its topics. Whether there is such a judge, whoever knows the deployments has to ask.</summary>
internal static class TopicRules
{
    private const int MostTopics = 20;
    private const int MostExamples = 20;

    /// <summary>Characters: a chat model reads all of them with each text that it judges.</summary>
    private const int LongestName = 100;
    private const int LongestExample = 300;
    private const int MostCharacters = 8_000;

    public static void Check(IReadOnlyList<GuardrailTopic> topics, GuardrailRule rule, string place, FieldErrors errors)
    {
        errors.Require(topics.Count <= MostTopics, $"{place}.topics", $"Use at most {MostTopics} topics: spread more over several rules.");
        errors.Require(topics.Sum(topic => CharactersOf(topic)) <= MostCharacters, $"{place}.topics", $"Together they have at most {MostCharacters} characters: spread them over several rules.");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Math.Min(topics.Count, MostTopics); i++)
        {
            Check(topics[i], $"{place}.topics[{i}]", names, errors);
        }

        errors.Require(rule.Threshold is null or (> 0 and <= 1), $"{place}.threshold", "A cosine from which on a text is about a topic lies above 0 and is at most 1.");
        errors.Require(
            rule.Authors is null || GuardrailAuthors.Each.Contains(rule.Authors), $"{place}.authors", $"Use '{GuardrailAuthors.All}', or '{GuardrailAuthors.Users}' to leave out what the application's author writes.");
        errors.Require(
            rule.OnFailure is null || GuardrailFailures.All.Contains(rule.OnFailure), $"{place}.onFailure", $"Use '{GuardrailFailures.Block}' or '{GuardrailFailures.Pass}' for a text whose judge cannot be asked.");
        errors.Require(
            rule.Action != GuardrailActions.Flag || rule.OnFailure != GuardrailFailures.Block, $"{place}.onFailure", "A rule that flags lets pass what could not be judged: leave it out, or block.");
    }

    private static void Check(GuardrailTopic? topic, string place, HashSet<string> names, FieldErrors errors)
    {
        if (topic is null)
        {
            errors.Add(place, "It is null.");
            return;
        }

        errors.Require(IsText(topic.Name, LongestName), $"{place}.name", $"A topic's name has 1 to {LongestName} characters that can be seen.");
        errors.Require(!string.Equals(topic.Name, "none", StringComparison.OrdinalIgnoreCase), $"{place}.name", "'none' is what a judge says of a text that is about no topic.");
        errors.Require(names.Add(topic.Name ?? ""), $"{place}.name", $"Another topic has the name '{topic.Name}' already.");
        errors.Require(
            topic.Examples is null || (topic.Examples.Count <= MostExamples && topic.Examples.All(example => IsText(example, LongestExample))),
            $"{place}.examples",
            $"Use at most {MostExamples} texts, each of 1 to {LongestExample} characters that can be seen.");
    }

    private static int CharactersOf(GuardrailTopic? topic) => (topic?.Name?.Length ?? 0) + (topic?.Examples?.Sum(example => example?.Length ?? 0) ?? 0);

    private static bool IsText(string? text, int longest) => !string.IsNullOrWhiteSpace(text) && text.Length <= longest && !text.Any(char.IsControl);
}
