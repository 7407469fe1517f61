using System.Globalization;
using AiFactory.Builder.Agents;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Rulesets;

internal sealed class RulesetService(RulesetStore store, AgentStore agents, TimeProvider time)
{
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
        var errors = RulesetValidation.Check(request);
        errors.Require(AuthoredNames.IsName(request.Name), "name", AuthoredNames.Rule);
        if (errors.Any)
        {
            return errors.ToOutcome<RulesetRow>();
        }

        var row = Row(project, request.Name ?? "", request, subject);
        return await store.InsertAsync(row, cancellationToken) is { } made ? made : new Outcome<RulesetRow>.Conflict($"There is a ruleset '{row.Name}' already.");
    }

    /// <summary>What was saved before stays, as a version.</summary>
    internal async Task<Outcome<RulesetRow>> ReplaceAsync(string project, string name, RulesetRequest request, string subject, CancellationToken cancellationToken)
    {
        var errors = RulesetValidation.Check(request);
        errors.Require(AuthoredNames.IsName(name), "name", AuthoredNames.Rule);
        errors.Require(request.Name is null || request.Name == name, "name", AuthoredNames.IsFixed);
        if (errors.Any)
        {
            return errors.ToOutcome<RulesetRow>();
        }

        return await store.UpdateAsync(Row(project, name, request, subject), cancellationToken) is { } row ? row : Missing(name);
    }

    internal async Task<Outcome<Page<RulesetVersionResponse>>> ListVersionsAsync(string project, string name, int? before, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<RulesetVersionResponse>>();
        }

        var rows = AuthoredNames.IsName(name) ? await store.ListVersionsAsync(project, name, before, limit + 1, cancellationToken) : [];
        return rows.Count == 0 && before is null
            ? Outcome<Page<RulesetVersionResponse>>.Missed("ruleset", name)
            : Paging.Page(rows, limit, ToVersion, row => row.Version.ToString(CultureInfo.InvariantCulture));
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

    internal static RulesetResponse ToResponse(RulesetRow row) =>
        new(row.Name, row.Rules, row.CreatedBy, row.CreatedAt, row.UpdatedAt, row.Version, row.ReadChecks(), row.OnViolation);

    private static RulesetVersionResponse ToVersion(RulesetRow row) => new(row.Version, row.Rules, row.ReadChecks(), row.OnViolation, row.CreatedBy, row.CreatedAt);

    private static Outcome<RulesetRow> Missing(string name) => Outcome<RulesetRow>.Missed("ruleset", name);

    private RulesetRow Row(string project, string name, RulesetRequest request, string subject) => new()
    {
        Project = project,
        Name = name,
        Rules = AuthoredText.Clean(request.Rules),
        Checks = StorableJson.Write((request.Checks ?? []).Select(check => new RulesetCheck(check.Kind, AuthoredText.Clean(check.Value)))),
        OnViolation = request.OnViolation ?? RulesetViolations.Reject,
        CreatedBy = subject,
        CreatedAt = time.GetUtcNow(),
    };
}
