using AiFactory.Contracts;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ModelLibrary.Upstreams;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Guardrails;

/// <summary>Whether there are the models that rules have judge, and what each kind of them needs.</summary>
internal sealed class JudgeCheck(GuardrailStore store, UpstreamStore upstreams)
{
    /// <param name="project">Null for rules of the whole factory.</param>
    /// <param name="before">The rules as they were: who named an upstream's model then had the right to.</param>
    /// <returns>The rules, with the deployments that were found; or why they are refused as a whole. Complaints go to <paramref name="errors"/>, under their places.</returns>
    public async Task<(IReadOnlyList<GuardrailRule> Rules, Outcome<GuardrailPolicyResponse>? Refused)> CheckAsync(
        DatabaseTransaction transaction, string? project, IReadOnlyList<GuardrailRule> rules, IReadOnlyList<GuardrailRule> before, InternalIdentity caller, FieldErrors errors, CancellationToken cancellationToken)
    {
        var locked = await LockAsync(transaction, project, rules, cancellationToken);
        GuardrailRule[] found = [.. rules.Select(rule => rule with { JudgeId = null })];
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is not { Kind: GuardrailKinds.Topic, Judge: { } name } rule)
            {
                continue;
            }

            if (await store.FindJudgeAsync(transaction, project, name, cancellationToken) is not { } judge)
            {
                errors.Add($"rules[{i}].judge", project is null
                    ? $"There is no deployment '{name}' that the whole factory may use, as a rule for all projects needs: make one with the visibility 'factory'."
                    : $"The project has no deployment '{name}', and there is none that the whole factory may use: deploy it first.");
                continue;
            }

            if (!locked.Contains(judge.Project))
            {
                return (found, new Outcome<GuardrailPolicyResponse>.Conflict($"Which deployment '{name}' is changed while the rules were looked at: save them again."));
            }

            Check(rule, judge, $"rules[{i}]", errors);
            if (judge.IsUpstream && !caller.Has(Permissions.UpstreamsWrite) && !before.Any(one => one.JudgeId == judge.Id))
            {
                return (found, new Outcome<GuardrailPolicyResponse>.Forbidden($"'{name}' is a model of an upstream, and gets the texts that it judges: only who may change upstreams may let it ({Permissions.UpstreamsWrite})."));
            }

            found[i] = found[i] with { JudgeId = judge.Id };
        }

        return (found, null);
    }

    /// <summary>
    /// Nobody takes a judge away before the rule that names it is there. In an order, so that of two who save neither waits for the other. The project's own names always: one of them goes before
    /// another's, and may be made until they are locked.
    /// </summary>
    /// <returns>Whose names are locked. Who is found after that may be of yet another project, whose lock would be out of the order.</returns>
    private async Task<IReadOnlySet<string>> LockAsync(DatabaseTransaction transaction, string? project, IReadOnlyList<GuardrailRule> rules, CancellationToken cancellationToken)
    {
        var owners = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in rules.Where(rule => rule.Kind == GuardrailKinds.Topic).Select(rule => rule.Judge).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await store.FindJudgeAsync(transaction, project, name, cancellationToken) is { } judge)
            {
                owners.Add(judge.Project);
            }

            if (project is not null)
            {
                owners.Add(project);
            }
        }

        foreach (var owner in owners)
        {
            await upstreams.LockNamesAsync(transaction, owner, cancellationToken);
        }

        return owners;
    }

    private static void Check(GuardrailRule rule, JudgeRow judge, string place, FieldErrors errors)
    {
        var isEmbedding = judge.Task == ModelTasks.Embedding;
        errors.Require(
            judge.Task is ModelTasks.Embedding or ModelTasks.Chat or ModelTasks.Moderation,
            $"{place}.judge",
            $"'{rule.Judge}' has the task '{judge.Task}': a judge has '{ModelTasks.Embedding}', '{ModelTasks.Chat}' or '{ModelTasks.Moderation}'.");
        errors.Require(!isEmbedding || rule.Threshold is not null, $"{place}.threshold", $"'{rule.Judge}' is an embedding model: say from which cosine on a text is about a topic, and try it with texts that are and that are not.");
        errors.Require(isEmbedding || rule.Threshold is null, $"{place}.threshold", $"'{rule.Judge}' is no embedding model, and knows no cosine: leave it out.");
        errors.Require(
            judge.Task != ModelTasks.Moderation || rule.Topics?.All(topic => topic.Examples is not { Count: > 0 }) != false,
            $"{place}.topics",
            $"'{rule.Judge}' is a moderation model: name its categories, and leave the examples out, which it does not read.");
    }
}
