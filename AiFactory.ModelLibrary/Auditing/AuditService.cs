using System.Globalization;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Auditing;

internal sealed class AuditService(AuditStore store)
{
    internal async Task<Outcome<Page<AuditEntryResponse>>> ListAsync(string? project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<AuditEntryResponse>>();
        }

        var before = long.MaxValue;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return Paging.BadAfter<Page<AuditEntryResponse>>();
        }

        var rows = await store.ListAsync(project, before, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, AuditMapping.ToResponse, row => row.Sequence.ToString(CultureInfo.InvariantCulture));
    }
}
