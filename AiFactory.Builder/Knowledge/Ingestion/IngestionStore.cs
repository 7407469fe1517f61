using AiFactory.Builder.Knowledge.Documents;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>A document's way through its states. Every write names the claim: who lost it writes nothing.</summary>
internal sealed class IngestionStore(Database database)
{
    /// <summary>
    /// A document that waits, or one whose worker died; locked rows are left to who holds them. Projects take turns, so that none waits behind another's
    /// thousands; of a project, the document that waits longest.
    /// </summary>
    internal Task<DocumentRow?> ClaimAsync(Guid claim, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<DocumentRow>(
            $"""
            with next as materialized (
              select document.id, base.project
              from knowledge_documents as document
              join knowledge_bases as base on base.id = document.base_id
              left join knowledge_turns as turn on turn.project = base.project
              where document.state in ('queued', 'parsing', 'embedding') and document.next_at <= @now and (document.claim is null or document.claimed_until < @now)
              order by turn.taken_at nulls first, document.next_at, document.id
              for update of document skip locked
              limit 1
            ),
            taken as (
              insert into knowledge_turns (project, taken_at) select project, clock_timestamp() from next
              on conflict (project) do update set taken_at = excluded.taken_at
            )
            update knowledge_documents set
              state = case state when 'queued' then 'parsing' else state end,
              deaths = deaths + case when claim is null then 0 else 1 end,
              claim = @claim, claimed_until = @until, updated_at = @now
            where id = (select id from next)
            returning {DocumentStore.Columns}
            """,
            new { claim, now, until },
            cancellationToken);

    internal async Task<bool> RenewAsync(Claim claim, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update knowledge_documents set claimed_until = @until where id = @Document and claim = @Id",
            new { until, Document = claim.Document.Id, claim.Id },
            cancellationToken) == 1;

    /// <summary>Locks the document for a write of this claim.</summary>
    /// <exception cref="LeaseLostException">The claim is another's, or the document is gone or has a new content.</exception>
    internal async Task HoldAsync(DatabaseTransaction transaction, Claim claim, CancellationToken cancellationToken)
    {
        if (await transaction.FirstOrDefaultAsync<Guid?>(
            "select id from knowledge_documents where id = @Document and claim = @Id for update", new { Document = claim.Document.Id, claim.Id }, cancellationToken) is null)
        {
            throw new LeaseLostException();
        }
    }

    /// <summary>Within <see cref="HoldAsync"/>.</summary>
    internal Task ParsedAsync(DatabaseTransaction transaction, Guid id, int textLength, int chunks, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update knowledge_documents set
              state = 'embedding', text_length = @textLength, chunks = @chunks, embedded = 0, error = null, attempts = 0, deaths = 0, updated_at = @now
            where id = @id
            """,
            new { id, textLength, chunks, now },
            cancellationToken);

    /// <summary>Within <see cref="HoldAsync"/>.</summary>
    internal Task EmbeddedAsync(DatabaseTransaction transaction, Guid id, int embedded, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update knowledge_documents set embedded = @embedded, error = null, attempts = 0, deaths = 0, updated_at = @now where id = @id",
            new { id, embedded, now },
            cancellationToken);

    /// <summary>Within <see cref="HoldAsync"/>.</summary>
    internal Task ReadyAsync(DatabaseTransaction transaction, Guid id, long revision, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update knowledge_documents set
              state = 'ready', ready_revision = @revision, error = null, claim = null, claimed_until = null, updated_at = @now
            where id = @id
            """,
            new { id, revision, now },
            cancellationToken);

    /// <summary>Attempts in a row that came to nothing; null when the claim is another's.</summary>
    internal Task<int?> AttemptsAsync(Claim claim, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<int?>(
            "select attempts from knowledge_documents where id = @Document and claim = @Id", new { Document = claim.Document.Id, claim.Id }, cancellationToken);

    /// <summary>Gives the claim back: at once for another's turn, later after an attempt that came to nothing.</summary>
    internal async Task<bool> ReleaseAsync(Claim claim, string? error, int attempts, DateTimeOffset nextAt, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            update knowledge_documents set
              error = @error, attempts = @attempts, next_at = @nextAt, claim = null, claimed_until = null, updated_at = @now
            where id = @Document and claim = @Id
            """,
            new { error, attempts, nextAt, now, Document = claim.Document.Id, claim.Id },
            cancellationToken) == 1;

    internal async Task<bool> FailAsync(Claim claim, string error, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update knowledge_documents set state = 'failed', error = @error, claim = null, claimed_until = null, updated_at = @now where id = @Document and claim = @Id",
            new { error, now, Document = claim.Document.Id, claim.Id },
            cancellationToken) == 1;
}
