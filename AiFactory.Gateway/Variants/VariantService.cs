using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Gateway.Variants;

internal sealed class VariantService(VariantStore store, CurrentRoutes routes, PriceTable prices, TimeProvider time)
{
    private const int LongestId = 512;
    private const double LargestScore = 1e6;

    internal async Task<Outcome<VariantReport>> CompareAsync(InternalIdentity caller, UsageQuery query, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(query.Model))
        {
            return FieldErrors.Of<VariantReport>("model", "Name the model, as clients do.");
        }

        var outcome = query.For(caller, time.GetUtcNow());
        if (outcome is not Outcome<UsageFilter>.Done { Value: var filter })
        {
            return outcome switch
            {
                Outcome<UsageFilter>.Invalid invalid => new Outcome<VariantReport>.Invalid(invalid.Errors),
                Outcome<UsageFilter>.Forbidden forbidden => new Outcome<VariantReport>.Forbidden(forbidden.Detail),
                _ => throw new InvalidOperationException($"{outcome.GetType().Name} is no refusal of a filter."),
            };
        }

        var names = (routes.Table?.Deployments.Values ?? []).ToDictionary(deployment => deployment.Route.Id, deployment => deployment.Name);
        var figures = (await store.CompareAsync(query.Model, filter, cancellationToken))
            .Select(row => row.ToFigures(names.GetValueOrDefault(row.Variant)))
            .OrderByDescending(one => one.Name == query.Model).ThenByDescending(one => one.Requests).ThenBy(one => one.Id).ToList();
        return new VariantReport(query.Model, filter.From, filter.To, prices.Currency, VariantReport.MethodText, [.. figures.Select((one, i) => i == 0 ? one : one with { Difference = Less(one, figures[0]) })]);
    }

    /// <summary>Whether that request is in the ledger is not asked: it comes there a little later, and is found by its id then.</summary>
    internal async Task<Outcome<bool>> ScoreAsync(InternalIdentity caller, ScoreRequest request, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.Require(request.RequestId is { Length: > 0 and <= LongestId } id && !id.Contains('\0', StringComparison.Ordinal), "requestId", "Give the x-request-id of the answer.");
        errors.Require(double.IsFinite(request.Score) && Math.Abs(request.Score) <= LargestScore, "score", "Use a number of at most a million; the larger the better.");
        var project = request.Project ?? caller.Project;
        errors.Require(!string.IsNullOrEmpty(project), "project", "Name the project whose request it was.");
        if (errors.Any)
        {
            return errors.ToOutcome<bool>();
        }

        if (project is null || !caller.CoversProject(project))
        {
            return new Outcome<bool>.Forbidden("The caller may score the answers of its own project only.");
        }

        await store.ScoreAsync(project, request.RequestId, request.Score, caller.Subject, time.GetUtcNow(), cancellationToken);
        return true;
    }

    private static VariantDifference Less(VariantFigures one, VariantFigures first) => new(
        Interval.Difference(one.FailureShare, first.FailureShare),
        Interval.Difference(one.Latency.Mean, first.Latency.Mean),
        Interval.Difference(one.FirstToken.Mean, first.FirstToken.Mean),
        Interval.Difference(one.CompletionTokens, first.CompletionTokens),
        Interval.Difference(one.Cost, first.Cost),
        Interval.Difference(one.Score, first.Score));
}
