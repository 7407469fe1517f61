using System.Diagnostics;

namespace AiFactory.Builder.Rulesets;

/// <summary>Looks up what an agent or a step is held to.</summary>
internal sealed class RulesetGuards(RulesetStore store)
{
    /// <param name="names">For example <c>manners</c> or <c>manners@3</c>.</param>
    internal async Task<RulesetGuard> OpenAsync(string project, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return RulesetGuard.None;
        }

        var references = names.Select(RulesetReference.Parse).OfType<RulesetReference>().ToList();
        var rows = await store.ListAsync(project, references, cancellationToken);
        var missing = names.Where(name => !(RulesetReference.Parse(name) is { } asked
            && rows.Any(row => row.Name == asked.Name && (asked.Version is RulesetReference.Newest || asked.Version == row.Version))));
        var guard = new RulesetGuard(rows, [.. missing]);

        // On the span of the step or the agent: which text it was held to, even when there is another one by now.
        Activity.Current?.SetTag("aifactory.rulesets", guard.Versions.ToArray());
        return guard;
    }
}
