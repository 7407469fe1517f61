using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>A text is about a topic when one of its windows is near to the topic's name or to one of its examples, as an embedding model sees it.</summary>
internal sealed class EmbeddingJudge(TextEmbedder embedder, IOptions<GuardrailOptions> options) : ITopicJudge
{
    /// <summary>Goes along with every question, so that vectors of two models are never compared: replicas of two versions answer while one follows the other, and a service may change its own.</summary>
    internal const string Probe = "The weather is fine today.";

    /// <summary>Texts of one question, beside <see cref="Probe"/>: some servers take 32.</summary>
    private const int MostOfOne = 31;

    /// <summary>Of windows that are too long for the model: to 125 bytes.</summary>
    private const int MostHalvings = 2;

    /// <summary>What a vector of single precision is off the length 1: the cosine of a text with itself is seldom all of it.</summary>
    private const double Rounding = 1e-6;

    public async Task<TopicVerdict> JudgeAsync(TopicRule rule, Deployment judge, JudgedTexts texts, Questioner by)
    {
        if (rule.Threshold is not { } threshold)
        {
            return TopicVerdict.None(PartFaultKind.Unclear, "is an embedding model, for which the rule names no threshold");
        }

        for (var isAgain = false; ; isAgain = true)
        {
            // 1. The topics, once for a version of the rule and of the model; two requests that come first may both ask.
            if (rule.VectorsOf(judge) is not { } topics)
            {
                var (learned, unknown) = await EmbedAsync(judge, rule.Texts, by);
                if (learned is null)
                {
                    // What cannot be told of the rule's own texts says nothing of this one.
                    return TopicVerdict.None(unknown is { Kind: PartFaultKind.OfQuestion } ? unknown with { Kind = PartFaultKind.Unclear } : unknown);
                }

                rule.Learn(judge, topics = learned);
            }

            // 2. The text, once for all rules of this judge.
            if (!texts.Vectors.TryGetValue(judge, out var windows))
            {
                var (seen, fault) = await EmbedWindowsAsync(judge, texts.Windows, by);
                if (seen is null)
                {
                    return TopicVerdict.None(fault);
                }

                texts.Vectors[judge] = windows = seen;
            }

            if (windows.IsComparable(topics))
            {
                return TopicVerdict.Of(Array.Exists(windows.Vectors, window => Array.Exists(topics.Vectors, topic => SemanticIndex.Dot(window, topic) >= threshold - Rounding)));
            }

            // 3. Two models made them: both are asked for anew, once.
            rule.Forget();
            texts.Vectors.Remove(judge);
            if (isAgain)
            {
                return TopicVerdict.None(PartFaultKind.Unclear, "answers now as one model and now as another");
            }
        }
    }

    /// <summary>Those that are too long for the model are cut in halves.</summary>
    private async Task<(JudgedVectors? Vectors, PartFault? Fault)> EmbedWindowsAsync(Deployment judge, IReadOnlyList<string> windows, Questioner by)
    {
        for (var halvings = 0; ; halvings++)
        {
            var (vectors, fault) = await EmbedAsync(judge, windows, by);
            if (fault is not { Kind: PartFaultKind.OfQuestion } || halvings == MostHalvings)
            {
                return (vectors, fault);
            }

            windows = [.. windows.SelectMany(Halves)];
        }
    }

    private static string[] Halves(string window)
    {
        var middle = window.Length / 2;
        middle += middle > 0 && char.IsHighSurrogate(window[middle - 1]) ? 1 : 0;
        return middle == 0 || middle == window.Length ? [window] : [window[..middle], window[middle..]];
    }

    private async Task<(JudgedVectors? Vectors, PartFault? Fault)> EmbedAsync(Deployment judge, IReadOnlyList<string> texts, Questioner by)
    {
        var vectors = new List<float[]>(texts.Count);
        var probe = (float[]?)null;
        foreach (var some in texts.Chunk(MostOfOne))
        {
            var (told, fault) = await embedder.EmbedAsync(by.Whole, judge, [Probe, .. some], options.Value.JudgeTimeout);
            if (told is null)
            {
                return (null, fault);
            }

            probe ??= told[0];
            if (!JudgedVectors.IsSame(probe, told[0]) || !Array.TrueForAll(told, vector => vector.Length == probe.Length))
            {
                return (null, new PartFault(PartFaultKind.Unclear, "answers now as one model and now as another"));
            }

            vectors.AddRange(told.AsSpan(1));
        }

        return (new JudgedVectors(probe ?? [], [.. vectors]), null);
    }
}
