using System.Globalization;
using System.Text.RegularExpressions;
using AiFactory.Builder.Flows.Bodies;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Flows;

/// <summary>Flows and their revisions.</summary>
internal sealed partial class FlowService(FlowStore flows, GraphValidator validator, FlowBodies bodies, Database database, TimeProvider time)
{
    internal async Task<Outcome<Page<FlowResponse>>> ListAsync(string project, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(limit, out var most))
        {
            return Paging.BadLimit<Page<FlowResponse>>();
        }

        var rows = await flows.ListAsync(project, after ?? "", most + 1, cancellationToken);
        return Paging.Page(rows, most, flow => FlowMapping.ToResponse(flow), flow => flow.Name);
    }

    internal async Task<Outcome<FlowResponse>> FindAsync(string project, string name, CancellationToken cancellationToken)
    {
        if (await flows.FindAsync(project, name, cancellationToken) is not { } flow || await flows.FindRevisionAsync(flow.Id, flow.Revision, cancellationToken) is not { } revision)
        {
            return Outcome<FlowResponse>.Missed("flow", name);
        }

        return FlowMapping.ToResponse(flow, Shown(revision));
    }

    internal async Task<Outcome<FlowResponse>> CreateAsync(string project, FlowRequest request, string actor, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.Require(NamePattern().IsMatch(request.Name ?? ""), "name", "A flow's name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit.");
        errors.Require(request.Description is null or { Length: <= 2000 }, "description", "Use up to 2000 characters.");
        errors.Require(
            request.Template is null or FlowTemplates.Blank or FlowTemplates.ChatOverDocuments, "template", $"Use '{FlowTemplates.Blank}' or '{FlowTemplates.ChatOverDocuments}'.");
        if (errors.Any)
        {
            return errors.ToOutcome<FlowResponse>();
        }

        var now = time.GetUtcNow();
        var graph = FlowTemplates.Create(request);
        var flow = new FlowRow
        {
            Id = Guid.CreateVersion7(now),
            Project = project,
            Name = request.Name ?? "",
            Description = StorableText.Clean(request.Description ?? ""),
            Revision = 1,
            CreatedBy = actor,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await flows.InsertAsync(transaction, flow, cancellationToken))
        {
            return new Outcome<FlowResponse>.Conflict($"The project has a flow '{flow.Name}' already.");
        }

        await flows.InsertRevisionAsync(transaction, Revision(flow.Id, 1, graph, actor, now), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return FlowMapping.ToResponse(flow, graph);
    }

    /// <summary>What keeps a graph from being run; one that could not be saved is refused as it would be there.</summary>
    internal async Task<Outcome<ValidationResponse>> ValidateAsync(string project, ValidationRequest request, CancellationToken cancellationToken)
    {
        var graph = request.Graph;
        if (StorableGraph.Complaint(graph) is { } complaint)
        {
            return FieldErrors.Of<ValidationResponse>("graph", complaint);
        }

        return new ValidationResponse(await ProblemsAsync(project, request.Flow, graph, cancellationToken));
    }

    /// <summary>Saves a revision. A draft with problems may be saved; it cannot be run.</summary>
    internal async Task<Outcome<GraphSaved>> SaveAsync(string project, string name, GraphRequest request, string actor, CancellationToken cancellationToken)
    {
        var graph = request.Graph;
        if (StorableGraph.Complaint(graph) is { } complaint)
        {
            return FieldErrors.Of<GraphSaved>("graph", complaint);
        }

        // A revision stays for ever, and whoever sees the flow reads it.
        if (validator.Secrets(graph).ToList() is { Count: > 0 } leaks)
        {
            return NotRunnable<GraphSaved>(leaks);
        }

        // Before anything is written: a database that is away for a moment must not hide from who saves that the revision is there.
        var problems = await ProblemsAsync(project, name, graph, cancellationToken);
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await flows.LockAsync(transaction, project, name, cancellationToken) is not { } flow)
        {
            return Outcome<GraphSaved>.Missed("flow", name);
        }

        if (request.BaseRevision != flow.Revision)
        {
            return new Outcome<GraphSaved>.Conflict(
                $"The flow has revision {flow.Revision} now, and yours began with {request.BaseRevision}: load it again, so that nothing that another has saved is lost.");
        }

        var now = time.GetUtcNow();
        var next = flow.Revision + 1;
        await flows.InsertRevisionAsync(transaction, Revision(flow.Id, next, graph, actor, now), cancellationToken);
        await flows.AdvanceAsync(transaction, flow.Id, next, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new GraphSaved(next, problems);
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string name, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await flows.LockAsync(transaction, project, name, cancellationToken) is not { } flow)
        {
            return Outcome<bool>.Missed("flow", name);
        }

        await flows.DeleteAsync(transaction, flow.Id, time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    internal async Task<Outcome<Page<FlowRevisionResponse>>> ListRevisionsAsync(string project, string name, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(limit, out var most))
        {
            return Paging.BadLimit<Page<FlowRevisionResponse>>();
        }

        int? before = null;
        if (after is not null)
        {
            if (!int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                return Paging.BadAfter<Page<FlowRevisionResponse>>();
            }

            before = parsed;
        }

        if (await flows.FindAsync(project, name, cancellationToken) is not { } flow)
        {
            return Outcome<Page<FlowRevisionResponse>>.Missed("flow", name);
        }

        var rows = await flows.ListRevisionsAsync(flow.Id, before, most + 1, cancellationToken);
        return Paging.Page(rows, most, row => FlowMapping.ToResponse(row), row => row.Revision.ToString(CultureInfo.InvariantCulture));
    }

    internal async Task<Outcome<FlowRevisionResponse>> FindRevisionAsync(string project, string name, int revision, CancellationToken cancellationToken)
    {
        if (await flows.FindAsync(project, name, cancellationToken) is not { } flow)
        {
            return Outcome<FlowRevisionResponse>.Missed("flow", name);
        }

        return await flows.FindRevisionAsync(flow.Id, revision, cancellationToken) is { } found
            ? FlowMapping.ToResponse(found, Shown(found))
            : Outcome<FlowRevisionResponse>.Missed("revision", revision);
    }

    internal static Outcome<T> NotRunnable<T>(IEnumerable<GraphProblem> problems) =>
        new Outcome<T>.Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["graph"] = [.. problems.Select(problem => problem.Message)] });

    private async Task<IReadOnlyList<GraphProblem>> ProblemsAsync(string project, string? name, FlowGraph graph, CancellationToken cancellationToken) =>
        [.. validator.Validate(graph), .. (await bodies.ResolveAsync(project, name, graph, cancellationToken)).Problems];

    private FlowGraph Shown(RevisionRow revision) => validator.WithoutSecrets(FlowPlans.Read(revision.Graph));

    private static RevisionRow Revision(Guid flow, int revision, FlowGraph graph, string actor, DateTimeOffset now) => new()
    {
        FlowId = flow,
        Revision = revision,
        Graph = StorableJson.Write(graph),
        CreatedBy = actor,
        CreatedAt = now,
    };

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
