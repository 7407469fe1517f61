using AiFactory.Builder.Agents;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Rulesets;

internal sealed class RulesetService(RulesetStore store, AgentStore agents, TimeProvider time)
{
    private const int MostRules = 50;
    private const int LongestRule = 1000;

    internal async Task<Outcome<Page<RulesetResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<RulesetResponse>>();
        }

        if (!AuthoredText.CanBeStored(after))
        {
            return Paging.BadAfter<Page<RulesetResponse>>();
        }

        var rows = await store.ListAsync(project, after, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, ToResponse, row => row.Name);
    }

    internal async Task<Outcome<RulesetRow>> GetAsync(string project, string name, CancellationToken cancellationToken) =>
        AuthoredText.CanBeStored(name) && await store.FindAsync(project, name, cancellationToken) is { } row ? row : Missing(name);

    internal async Task<Outcome<RulesetRow>> CreateAsync(string project, RulesetRequest request, string subject, CancellationToken cancellationToken)
    {
        var errors = Check(request.Rules);
        errors.Require(AuthoredNames.IsName(request.Name), "name", AuthoredNames.Rule);
        if (errors.Any)
        {
            return errors.ToOutcome<RulesetRow>();
        }

        var now = time.GetUtcNow();
        var row = new RulesetRow
        {
            Project = project,
            Name = request.Name ?? "",
            Rules = AuthoredText.Clean(request.Rules),
            CreatedBy = subject,
            CreatedAt = now,
            UpdatedAt = now,
        };
        return await store.InsertAsync(row, cancellationToken) ? row : new Outcome<RulesetRow>.Conflict($"There is a ruleset '{row.Name}' already.");
    }

    internal async Task<Outcome<RulesetRow>> ReplaceAsync(string project, string name, RulesetRequest request, CancellationToken cancellationToken)
    {
        var errors = Check(request.Rules);
        errors.Require(AuthoredNames.IsName(name), "name", AuthoredNames.Rule);
        errors.Require(request.Name is null || request.Name == name, "name", AuthoredNames.IsFixed);
        if (errors.Any)
        {
            return errors.ToOutcome<RulesetRow>();
        }

        return await store.UpdateAsync(project, name, AuthoredText.Clean(request.Rules), time.GetUtcNow(), cancellationToken) is { } row ? row : Missing(name);
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string name, CancellationToken cancellationToken)
    {
        if (!AuthoredText.CanBeStored(name))
        {
            return Outcome<bool>.Missed("ruleset", name);
        }

        if (await agents.ListUsersOfRulesetAsync(project, name, cancellationToken) is { Count: > 0 } users)
        {
            return new Outcome<bool>.Conflict($"The ruleset '{name}' is used by the agents {string.Join(", ", users)}.");
        }

        return await store.DeleteAsync(project, name, cancellationToken) ? true : Outcome<bool>.Missed("ruleset", name);
    }

    internal static RulesetResponse ToResponse(RulesetRow row) => new(row.Name, row.Rules, row.CreatedBy, row.CreatedAt, row.UpdatedAt);

    private static Outcome<RulesetRow> Missing(string name) => Outcome<RulesetRow>.Missed("ruleset", name);

    private static FieldErrors Check(IReadOnlyList<string>? rules)
    {
        var errors = new FieldErrors();
        errors.Require(rules is { Count: >= 1 and <= MostRules }, "rules", $"A ruleset has 1 to {MostRules} rules.");
        for (var i = 0; i < (rules?.Count ?? 0); i++)
        {
            errors.Require(rules?[i]?.Trim() is { Length: >= 1 and <= LongestRule }, $"rules[{i}]", $"A rule has 1 to {LongestRule} characters.");
        }

        return errors;
    }
}
