using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Auditing;

internal sealed class AuditStore(Database database)
{
    /// <summary>Adds those that the chain does not have yet, in their order; answers where it ends now. Gateways wait for each other here.</summary>
    internal async Task<AuditHead> AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var head = await transaction.FirstOrDefaultAsync<AuditHead>("select sequence, hash from audit_head for update", null, cancellationToken)
            ?? throw new IOException("The table audit_head has lost its row, so the audit cannot go on: put back the sequence and the hash of the last row of the table audit.");
        var known = (await transaction.QueryAsync<Guid>("select id from audit where id = any(@ids)", new { ids = records.Select(record => record.Id).ToArray() }, cancellationToken)).ToHashSet();
        foreach (var record in records.Where(record => !known.Contains(record.Id)))
        {
            var sequence = head.Sequence + 1;
            head = new AuditHead { Sequence = sequence, Hash = AuditChain.Hash(head.Hash, sequence, record) };
            await transaction.ExecuteAsync(
                """
                insert into audit (sequence, id, at, until, project, actor, action, target, reason, count, hash)
                values (@Sequence, @Id, @At, @Until, @Project, @Actor, @Action, @Target, @Reason, @Count, @Hash)
                """,
                new { head.Sequence, record.Id, record.At, record.Until, record.Project, record.Actor, record.Action, record.Target, record.Reason, record.Count, head.Hash },
                cancellationToken);
        }

        await transaction.ExecuteAsync("update audit_head set sequence = @Sequence, hash = @Hash", head, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return head;
    }

    /// <summary>Newest first. Every project when <paramref name="project"/> is null.</summary>
    internal Task<IReadOnlyList<AuditRow>> ListAsync(string? project, long before, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<AuditRow>(
            """
            select sequence, id, at, until, project, actor, action, target, reason, count, hash from audit
            where (@project::text is null or project = @project) and sequence < @before
            order by sequence desc
            limit @limit
            """,
            new { project, before, limit },
            cancellationToken);

    /// <summary>In the chain's order.</summary>
    internal Task<IReadOnlyList<AuditRow>> ChainAsync(long after, long until, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<AuditRow>(
            """
            select sequence, id, at, until, project, actor, action, target, reason, count, hash from audit
            where sequence > @after and sequence <= @until
            order by sequence
            limit @limit
            """,
            new { after, until, limit },
            cancellationToken);

    /// <summary>In one statement, so that both are of one moment.</summary>
    internal Task<AuditHead?> HeadAsync(CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<AuditHead>("select sequence, hash, (select coalesce(max(sequence), 0) from audit) as last_row from audit_head", null, cancellationToken);
}
