using System.Globalization;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Gateway.Auditing;

internal sealed class AuditService(AuditStore store)
{
    private const int AtOnce = 2_000;

    internal async Task<Outcome<Page<AuditEntryResponse>>> ListAsync(InternalIdentity caller, string? project, string? after, int? asked, CancellationToken cancellationToken)
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

        if (project?.Contains('\0', StringComparison.Ordinal) == true)
        {
            return FieldErrors.Of<Page<AuditEntryResponse>>("project", "project must not have a zero character in it: no entry has one.");
        }

        var of = string.IsNullOrEmpty(project) ? caller.FactoryWide ? null : caller.Project ?? "" : project;
        if (of is not null && !caller.CoversProject(of))
        {
            return new Outcome<Page<AuditEntryResponse>>.Forbidden("The caller may see the audit of its own project only.");
        }

        var rows = await store.ListAsync(of, before, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, AuditEntryResponse.From, row => row.Sequence.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Computes the whole chain anew.</summary>
    internal async Task<AuditCheck> CheckAsync(CancellationToken cancellationToken)
    {
        if (await store.HeadAsync(cancellationToken) is not { } head)
        {
            return new AuditCheck(0, false, null, null);
        }

        var end = Convert.ToHexStringLower(head.Hash);
        var hash = new byte[AuditChain.HashBytes];
        long last = 0;
        while (last < head.Sequence)
        {
            var rows = await store.ChainAsync(last, head.Sequence, AtOnce, cancellationToken);
            if (rows.Count == 0)
            {
                return new AuditCheck(last, false, last + 1, end);
            }

            foreach (var row in rows)
            {
                hash = AuditChain.Hash(hash, last + 1, row.ToRecord());
                if (row.Sequence != last + 1 || !hash.AsSpan().SequenceEqual(row.Hash))
                {
                    return new AuditCheck(last, false, last + 1, end);
                }

                last++;
            }
        }

        long? broken = !hash.AsSpan().SequenceEqual(head.Hash) ? last : head.LastRow > last ? last + 1 : null;
        return new AuditCheck(last, broken is null, broken, end);
    }
}
