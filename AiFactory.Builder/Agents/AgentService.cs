using AiFactory.Builder.Rulesets;
using AiFactory.Builder.Tools;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Agents;

internal sealed class AgentService(AgentStore store, ToolStore tools, RulesetGuards guards, TimeProvider time)
{
    internal async Task<Outcome<Page<AgentResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<AgentResponse>>();
        }

        if (!AuthoredText.CanBeStored(after))
        {
            return Paging.BadAfter<Page<AgentResponse>>();
        }

        var rows = await store.ListAsync(project, after, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, ToResponse, row => row.Name);
    }

    internal async Task<Outcome<AgentRow>> GetAsync(string project, string name, CancellationToken cancellationToken) =>
        AuthoredNames.IsName(name) && await store.FindAsync(project, name, cancellationToken) is { } row ? row : Missing(name);

    internal async Task<Outcome<AgentRow>> CreateAsync(string project, AgentRequest request, string subject, CancellationToken cancellationToken)
    {
        var errors = AgentValidation.Check(request);
        errors.Require(AuthoredNames.IsName(request.Name), "name", AuthoredNames.Rule);
        await CheckReferencesAsync(project, request, errors, cancellationToken);
        if (errors.Any)
        {
            return errors.ToOutcome<AgentRow>();
        }

        var row = Row(project, request.Name ?? "", request, subject);
        return await store.InsertAsync(row, cancellationToken) ? row : new Outcome<AgentRow>.Conflict($"There is an agent '{row.Name}' already.");
    }

    internal async Task<Outcome<AgentRow>> ReplaceAsync(string project, string name, AgentRequest request, string subject, CancellationToken cancellationToken)
    {
        var errors = AgentValidation.Check(request);
        errors.Require(AuthoredNames.IsName(name), "name", AuthoredNames.Rule);
        errors.Require(request.Name is null || request.Name == name, "name", AuthoredNames.IsFixed);
        await CheckReferencesAsync(project, request, errors, cancellationToken);
        if (errors.Any)
        {
            return errors.ToOutcome<AgentRow>();
        }

        return await store.UpdateAsync(Row(project, name, request, subject), cancellationToken) is { } row ? row : Missing(name);
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string name, CancellationToken cancellationToken) =>
        AuthoredNames.IsName(name) && await store.DeleteAsync(project, name, cancellationToken) ? true : Outcome<bool>.Missed("agent", name);

    internal static AgentResponse ToResponse(AgentRow row) => new(
        row.Name, row.Description, row.Model, row.Instructions, row.Rulesets, row.Tools, row.KnowledgeBases, row.MaxSteps, row.MaxSeconds,
        row.CreatedBy, row.CreatedAt, row.UpdatedAt);

    private static Outcome<AgentRow> Missing(string name) => Outcome<AgentRow>.Missed("agent", name);

    /// <summary>Tools and rulesets are there when an agent is saved, and cannot be deleted while it holds on to them.</summary>
    private async Task CheckReferencesAsync(string project, AgentRequest request, FieldErrors errors, CancellationToken cancellationToken)
    {
        var knownTools = await tools.ListAsync(project, AuthoredText.Clean(request.Tools), cancellationToken);
        foreach (var name in (request.Tools ?? []).Except(knownTools.Select(tool => tool.Name), StringComparer.Ordinal))
        {
            errors.Add("tools", $"There is no tool '{name}'.");
        }

        foreach (var name in (await guards.OpenAsync(project, request.Rulesets ?? [], cancellationToken)).Missing)
        {
            errors.Add("rulesets", $"There is no ruleset '{name}'.");
        }
    }

    private AgentRow Row(string project, string name, AgentRequest request, string subject)
    {
        var now = time.GetUtcNow();
        return new AgentRow
        {
            Project = project,
            Name = name,
            Description = AuthoredText.Clean(request.Description),
            Model = AuthoredText.Clean(request.Model),
            Instructions = AuthoredText.Clean(request.Instructions),
            Rulesets = [.. request.Rulesets ?? []],
            Tools = [.. request.Tools ?? []],
            KnowledgeBases = AuthoredText.Clean(request.KnowledgeBases),
            MaxSteps = request.MaxSteps ?? AgentValidation.DefaultSteps,
            MaxSeconds = request.MaxSeconds ?? AgentValidation.DefaultSeconds,
            CreatedBy = subject,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }
}
