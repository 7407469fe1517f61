using System.Text.RegularExpressions;
using AiFactory.Builder.Flows.Bodies;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Flows.Publishing;

/// <summary>What is published stays what it is until it is published anew: later revisions of the flow change nothing for its callers.</summary>
internal sealed partial class PublicationService(PublicationStore publications, FlowStore flows, GraphValidator validator, FlowBodies bodies, Database database, TimeProvider time)
{
    internal async Task<Outcome<Page<PublishedFlow>>> ListAsync(string project, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(limit, out var most))
        {
            return Paging.BadLimit<Page<PublishedFlow>>();
        }

        var rows = await publications.ListAsync(project, after ?? "", most + 1, cancellationToken);
        return Paging.Page(rows, most, ToResponse, row => row.Alias);
    }

    internal async Task<Outcome<PublishedFlow>> PublishAsync(string project, string name, PublishRequest request, string actor, CancellationToken cancellationToken)
    {
        if (!AliasPattern().IsMatch(request.Alias ?? ""))
        {
            return FieldErrors.Of<PublishedFlow>("alias", "An alias is 1 to 63 lower-case letters, digits, '.', '_' and '-', and begins with a letter or digit.");
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await flows.LockAsync(transaction, project, name, cancellationToken) is not { } flow)
        {
            return Outcome<PublishedFlow>.Missed("flow", name);
        }

        var number = request.Revision ?? flow.Revision;
        if (await flows.FindRevisionAsync(flow.Id, number, cancellationToken) is not { } revision)
        {
            return Outcome<PublishedFlow>.Missed("revision", number);
        }

        var graph = FlowPlans.Read(revision.Graph);
        var chosen = await bodies.ResolveAsync(project, name, graph, cancellationToken);
        if (validator.Validate(graph).Concat(chosen.Problems).ToList() is { Count: > 0 } problems)
        {
            return FlowService.NotRunnable<PublishedFlow>(problems);
        }

        var publication = new PublicationRow
        {
            Project = project,
            Alias = request.Alias ?? "",
            FlowId = flow.Id,
            Flow = flow.Name,
            Revision = number,
            Bodies = chosen.Pins,
            PublishedBy = actor,
            PublishedAt = time.GetUtcNow(),
        };
        if (!await publications.PutAsync(transaction, publication, cancellationToken))
        {
            return new Outcome<PublishedFlow>.Conflict($"The alias '{publication.Alias}' is another flow's. Withdraw it there first.");
        }

        await transaction.CommitAsync(cancellationToken);
        return ToResponse(publication);
    }

    internal async Task<Outcome<bool>> WithdrawAsync(string project, string alias, CancellationToken cancellationToken) =>
        await publications.DeleteAsync(project, alias, cancellationToken) ? true : Outcome<bool>.Missed("published flow", alias);

    private static PublishedFlow ToResponse(PublicationRow row) => new(row.Alias, row.Flow, row.Revision, $"flow/{row.Alias}", row.PublishedBy, row.PublishedAt);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AliasPattern();
}
