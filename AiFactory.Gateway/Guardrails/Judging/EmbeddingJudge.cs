using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>A text is about a topic when one of its windows is near to the topic's name or to one of its examples, as an embedding model sees it.</summary>
internal sealed class EmbeddingJudge(TextEmbedder embedder, IOptions<GuardrailOptions> options) : ITopicJudge
{
    public async Task<TopicVerdict> JudgeAsync(TopicRule rule, Deployment judge, JudgedTexts texts, Questioner by)
    {
        if (rule.Threshold is not { } threshold)
        {
            return TopicVerdict.None("is an embedding model, for which the rule names no threshold");
        }

        // 1. The topics, once for a version of the rule and of the model; two requests that come first may both ask.
        if (rule.VectorsOf(judge) is not { } topics)
        {
            var (learned, unknown) = await EmbedAsync(judge, rule.Texts, by);
            if (learned is null)
            {
                return TopicVerdict.None(unknown);
            }

            rule.Learn(judge, topics = learned);
        }

        // 2. The text, once for all rules of this judge.
        if (!texts.Vectors.TryGetValue(judge, out var windows))
        {
            var (seen, fault) = await EmbedAsync(judge, texts.Windows, by);
            if (seen is null)
            {
                return TopicVerdict.None(fault);
            }

            texts.Vectors[judge] = windows = seen;
        }

        // 3. Vectors of two lengths are of two models: a service changed its own behind its name.
        if (windows.Length > 0 && topics.Length > 0 && windows[0].Length != topics[0].Length)
        {
            rule.Forget();
            return TopicVerdict.None("is another model than it was a moment ago");
        }

        return TopicVerdict.Of(Array.Exists(windows, window => Array.Exists(topics, topic => SemanticIndex.Dot(window, topic) >= threshold)));
    }

    private Task<(float[][]? Vectors, string? Fault)> EmbedAsync(Deployment judge, IReadOnlyList<string> texts, Questioner by) =>
        embedder.EmbedAsync(by.Context, by.Caller, judge, texts, options.Value.JudgeTimeout, by.Left);
}
