using AiFactory.Contracts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Has texts judged by the models that rules name, and does what each rule says of the verdict, or of there being none.</summary>
internal sealed partial class TopicJudge(
    CurrentRoutes routes, EmbeddingJudge embeddings, ChatJudge chats, ModerationJudge moderations, IOptions<GuardrailOptions> options, TimeProvider time, ILogger<TopicJudge> logger)
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
            var its = rule.IsOfUsers ? texts.OfUsers : texts;
            if (its.Windows.Count == 0)
            {
                continue;
            }

            by.Left.ThrowIfCancellationRequested();
            var verdict = await JudgeAsync(rule, its, by);
            by.Left.ThrowIfCancellationRequested();
            findings.Judged(rule.Identity, verdict.Name);
            if (verdict is { IsFound: null, Fault: { } fault })
            {
                Complain(rule, fault);
                if (stop is null || !rule.LetsPass(fault.Kind))
                {
                    return NotJudged(rule, fault, by);
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

    /// <summary>
    /// Before a model is asked: whether those can be asked without whose verdict its answer would not pass, for that would be computed, and paid, for nothing. One without a replica is waited for, as
    /// questions wait: so it is woken.
    /// </summary>
    /// <param name="rules">Of its answer.</param>
    /// <returns>What the client is told; null where all are there.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<OpenAIError?> ExpectAsync(TopicRule[] rules, Questioner by, Findings findings)
    {
        foreach (var rule in rules)
        {
            if (!rule.LetsPass(PartFaultKind.Away) && await AbsenceAsync(rule, by.Left) is { } fault)
            {
                findings.Judged(rule.Identity, TopicVerdict.None(fault).Name);
                Complain(rule, fault);
                return NotJudged(rule, fault, by);
            }
        }

        return null;
    }

    private async Task<TopicVerdict> JudgeAsync(TopicRule rule, JudgedTexts texts, Questioner by) =>
        Find(rule) is var (judge, fault) && judge is not null ? await _byTask[judge.Route.Task].JudgeAsync(rule, judge, texts, by) : TopicVerdict.None(fault);

    /// <summary>The deployment that the rule was saved with: another of its name, whoever made it, was not meant.</summary>
    private (Deployment? Judge, PartFault? Fault) Find(TopicRule rule)
    {
        var table = routes.Table;
        var named = table?.RoutesOf(rule.Project).Find(rule.Judge);
        var judge = rule.JudgeId is not { } id ? named
            : table?.Deployments.GetValueOrDefault(id) is { } saved && (saved.Project == rule.Project || saved.Route.Visibility == RoutingTableCompiler.FactoryVisible) ? saved
            : null;
        return judge switch
        {
            null when named is not null => (null, new PartFault(PartFaultKind.Unclear, "is another deployment than the one that the rule was saved with: saved again, the rule means this one")),
            null => (null, new PartFault(PartFaultKind.Away, "is not deployed")),
            { Route.Revoked: not null } => (null, new PartFault(PartFaultKind.Away, "is revoked")),
            _ when !_byTask.ContainsKey(judge.Route.Task) => (null, new PartFault(PartFaultKind.Unclear, $"has the task '{judge.Route.Task}', by which nothing can be judged")),
            _ => (judge, null),
        };
    }

    private async ValueTask<PartFault?> AbsenceAsync(TopicRule rule, CancellationToken left)
    {
        var deadline = time.GetTimestamp() + (long)(options.Value.JudgeTimeout.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var (changed, now) = (routes.Changed, time.GetTimestamp());
            var (judge, fault) = Find(rule);
            if (judge is null)
            {
                return fault;
            }

            var trial = judge.NextTrial();
            if (trial <= now)
            {
                return null;
            }

            if (now >= deadline || trial > deadline)
            {
                return new PartFault(PartFaultKind.Away, trial is null ? "has no replica" : "has no replica that can be asked now, after failures");
            }

            judge.Counts.BeginWait();
            try
            {
                // A millisecond more than needed, for timers count in whole ones.
                await changed.WaitAsync(time.GetElapsedTime(now, trial ?? deadline) + TimeSpan.FromMilliseconds(1), time, left);
            }
            catch (TimeoutException)
            {
                // A replica may be tried again, or the wait is over.
            }
            finally
            {
                judge.Counts.EndWait();
            }
        }
    }

    /// <summary>Whose the judge is not, does not learn of it.</summary>
    private static OpenAIError NotJudged(TopicRule rule, PartFault fault, Questioner by) =>
        GuardrailError.NotJudged(rule.Identity, fault, rule.Project.Length == 0 || rule.Project == ModelCallers.ProjectOf(by.Context.Request, by.Caller) ? rule.Judge : null);

    private void Complain(TopicRule rule, PartFault fault)
    {
        var (now, last) = (time.GetTimestamp(), Volatile.Read(ref rule.ComplainedAt));
        if ((last == 0 || time.GetElapsedTime(last, now) > Quiet) && Interlocked.CompareExchange(ref rule.ComplainedAt, now, last) == last)
        {
            LogNotJudged(logger, rule.Identity.Path, rule.Judge, fault.Why, rule.LetsPass(fault.Kind) ? "texts pass unjudged" : "texts are refused");
        }
    }

    [LoggerMessage(1971, LogLevel.Warning, "Rule {Rule}: its judge {Judge} {Why}; {Consequence}. For a minute this is not said again.")]
    private static partial void LogNotJudged(ILogger logger, string rule, string judge, string why, string consequence);
}
