using AiFactory.Contracts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Has texts judged by the models that rules name, and does what each rule says of the verdict, or of there being none.</summary>
internal sealed partial class TopicJudge(CurrentRoutes routes, EmbeddingJudge embeddings, ChatJudge chats, ModerationJudge moderations, TimeProvider time, ILogger<TopicJudge> logger)
{
    /// <summary>Between two complaints of one rule.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, ITopicJudge> _byTask = new(StringComparer.Ordinal)
    {
        [ModelTasks.Embedding] = embeddings,
        [ModelTasks.Chat] = chats,
        [ModelTasks.Moderation] = moderations,
    };

    /// <param name="stop">Makes of a rule that found something what the client is told; null where nothing but the verdicts is asked for: then all rules are asked, and one without a verdict is an error.</param>
    /// <returns>Null where all may pass.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async Task<OpenAIError?> JudgeAsync(
        TopicRule[] rules, JudgedTexts texts, Questioner by, Findings findings, Func<RuleIdentity, OpenAIError>? stop)
    {
        if (texts.Windows.Count == 0)
        {
            return null;
        }

        foreach (var rule in rules)
        {
            by.Left.ThrowIfCancellationRequested();
            var verdict = await JudgeAsync(rule, texts, by);
            by.Left.ThrowIfCancellationRequested();
            findings.Judged(rule.Identity, verdict.Name);
            if (verdict.IsFound is null)
            {
                Complain(rule, verdict.Fault ?? "");
                if (stop is null || !rule.PassesUnjudged)
                {
                    return GuardrailError.NotJudged(rule.Identity, rule.Judge, verdict.Fault ?? "");
                }
            }
            else if (verdict.IsFound == true)
            {
                findings.Add(rule.Identity);
                if (rule.Blocks && stop is not null)
                {
                    return stop(rule.Identity);
                }
            }
        }

        return null;
    }

    private async Task<TopicVerdict> JudgeAsync(TopicRule rule, JudgedTexts texts, Questioner by) =>
        routes.Table?.RoutesOf(rule.Project).Find(rule.Judge) is not { } judge ? TopicVerdict.None("is not deployed")
        : !_byTask.TryGetValue(judge.Route.Task, out var how) ? TopicVerdict.None($"has the task '{judge.Route.Task}', by which nothing can be judged")
        : await how.JudgeAsync(rule, judge, texts, by);

    private void Complain(TopicRule rule, string why)
    {
        var (now, last) = (time.GetTimestamp(), Volatile.Read(ref rule.ComplainedAt));
        if ((last == 0 || time.GetElapsedTime(last, now) > Quiet) && Interlocked.CompareExchange(ref rule.ComplainedAt, now, last) == last)
        {
            LogNotJudged(logger, rule.Identity.Path, rule.Judge, why, rule.PassesUnjudged ? "texts pass unjudged" : "texts are refused");
        }
    }

    [LoggerMessage(1961, LogLevel.Warning, "Rule {Rule}: its judge {Judge} {Why}; {Consequence}. For a minute this is not said again.")]
    private static partial void LogNotJudged(ILogger logger, string rule, string judge, string why, string consequence);
}
