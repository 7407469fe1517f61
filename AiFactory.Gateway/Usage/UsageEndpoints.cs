using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace AiFactory.Gateway.Usage;

/// <summary>The ledger, read: of the caller's project, or of any for a caller of the whole factory.</summary>
internal static class UsageEndpoints
{
    /// <summary>The answer where the database is.</summary>
    internal static ProblemHttpResult Away => Problems.Unavailable("The usage ledger cannot be read now: its database does not answer. Try again shortly.");

    /// <summary>A server that refuses the connection, starts or stops is away as one that is not reached; a statement that it refuses is a bug.</summary>
    internal static bool IsAway(NpgsqlException error) => error is not PostgresException || Loop.IsAway(error);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var usage = routes.MapGroup("/api/usage").RequirePermission(Permissions.UsageRead).AddEndpointFilter(AnswerAwayAsync).WithTags("Usage");
        usage.MapGet("/", Report);
        usage.MapGet("/export", Export);
    }

    private static async Task<Results<Ok<UsageReport>, ProblemHttpResult>> Report(
        HttpContext context, UsageReportService service, [AsParameters] UsageQuery query, string? groupBy, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ReportAsync(context.GetIdentity(), query, groupBy, after, limit, cancellationToken)).ToOk(report => report);

    /// <param name="format"><c>csv</c> or <c>jsonl</c>, which is meant when it is absent.</param>
    private static IResult Export(HttpContext context, UsageReportService service, [AsParameters] UsageQuery query, string? format, CancellationToken cancellationToken)
    {
        if (format is not (null or "csv" or "jsonl"))
        {
            return Problems.Validation("format", "The format must be csv or jsonl.");
        }

        var outcome = service.Export(context.GetIdentity(), query, cancellationToken);
        return outcome is Outcome<IAsyncEnumerable<IReadOnlyList<Metering.UsageRow>>>.Done { Value: var pages } ? new UsageExport(pages, format == "csv") : outcome.Problem();
    }

    /// <summary>Models are served without the database; the ledger is not.</summary>
    internal static async ValueTask<object?> AnswerAwayAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.RequestServices.GetRequiredService<MigrationState>().Problem is { } problem)
        {
            return Problems.Unavailable($"The usage ledger cannot be read now. {problem}");
        }

        try
        {
            return await next(context);
        }
        catch (NpgsqlException error) when (IsAway(error))
        {
            return Away;
        }
    }
}
