using Dapper;
using Npgsql;

namespace AiFactory.Gateway.Variants;

/// <summary>
/// The ledger's index of variants. No migration makes it: over a large ledger that takes minutes, and in a migration's transaction no record could be written meanwhile.
/// </summary>
internal sealed class VariantIndex(NpgsqlDataSource source)
{
    /// <summary>Any constant that nothing else in our databases locks on.</summary>
    private const long LockKey = 0x4169_4661_5661_7269;

    /// <summary>Makes it where it is not; false while another gateway does.</summary>
    public async Task<bool> EnsureAsync(CancellationToken cancellationToken)
    {
        // 1. A build that was cut off leaves an index that is not valid.
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (await IsThereAsync(connection, cancellationToken))
        {
            return true;
        }

        // 2. Tried and not waited for: the build waits for all statements that began before it, and would wait for one that waits for the lock.
        if (!await connection.QueryFirstAsync<bool>(new CommandDefinition("select pg_try_advisory_lock(@LockKey)", new { LockKey }, cancellationToken: cancellationToken)))
        {
            return false;
        }

        try
        {
            // 3. It takes as long as it takes; the loop goes on after it.
            if (!await IsThereAsync(connection, cancellationToken))
            {
                await connection.ExecuteAsync(new CommandDefinition("drop index concurrently if exists usage_of_variants", commandTimeout: 0, cancellationToken: cancellationToken));
                await connection.ExecuteAsync(new CommandDefinition(
                    "create index concurrently usage_of_variants on usage (requested_model, variant, at) where variant is not null", commandTimeout: 0, cancellationToken: cancellationToken));
            }

            return true;
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_unlock(@LockKey)", new { LockKey }, cancellationToken: CancellationToken.None));
            }
        }
    }

    private static Task<bool> IsThereAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.QueryFirstAsync<bool>(new CommandDefinition(
        "select coalesce((select indisvalid from pg_index where indexrelid = to_regclass('usage_of_variants')), false)", cancellationToken: cancellationToken));
}
