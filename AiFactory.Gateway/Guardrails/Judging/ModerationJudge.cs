using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Asks a moderation model, whose categories are the topics' names.</summary>
internal sealed class ModerationJudge(PartRequests parts, IOptions<GuardrailOptions> options) : ITopicJudge
{
    /// <summary>Texts of one request, as <see cref="TextEmbedder"/> sends them.</summary>
    private const int MostOfOne = 32;

    public async Task<TopicVerdict> JudgeAsync(TopicRule rule, Deployment judge, JudgedTexts texts, Questioner by)
    {
        foreach (var some in texts.Windows.Chunk(MostOfOne))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new { model = judge.Name, input = some });
            var (answer, fault) = await parts.AskAsync(by.Whole, judge, Operation.Moderation, body, options.Value.JudgeTimeout);
            if (answer is null)
            {
                return TopicVerdict.None(fault);
            }

            if (Read(answer, rule, some.Length) is not { } isFound)
            {
                return TopicVerdict.None(PartFaultKind.Unclear, "did not say anything of each category that the rule names");
            }

            if (isFound)
            {
                return TopicVerdict.Of(true);
            }
        }

        return TopicVerdict.Of(false);
    }

    /// <summary>
    /// Null where it does not say of each text and each topic.
    /// <code>{"results":[{"flagged":true,"categories":{"violence":true,"hate":false}}]}</code>
    /// </summary>
    private static bool? Read(WholeAnswer answer, TopicRule rule, int count)
    {
        using var document = answer.Parse();
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("results"u8, out var results) || results.ValueKind != JsonValueKind.Array || results.GetArrayLength() != count)
        {
            return null;
        }

        var isFound = false;
        foreach (var result in results.EnumerateArray())
        {
            foreach (var topic in rule.Topics)
            {
                if (result.ValueKind != JsonValueKind.Object
                    || !result.TryGetProperty("categories"u8, out var categories) || categories.ValueKind != JsonValueKind.Object
                    || !categories.TryGetProperty(topic.Name, out var said) || said.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                {
                    return null;
                }

                isFound |= said.GetBoolean();
            }
        }

        return isFound;
    }
}
