using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;

namespace AiFactory.ModelLibrary.Limits;

internal static class LimitMapping
{
    internal static LimitResponse ToResponse(LimitRow row) => new(
        row.Id, row.Project, row.Name, row.Scope, row.Owner, row.Model, row.Measure, row.Period, row.Amount, row.CreatedBy, row.UpdatedBy, row.CreatedAt, row.UpdatedAt);

    internal static LimitRoute ToRoute(LimitRow row) => new(row.Id, row.Name, row.Project, row.Scope, row.Owner, row.Model, row.Measure, row.Period, row.Amount);
}
