using Dapper;
using Npgsql;

namespace AiFactory.Gateway.Variants;

/// <summary>
/// The ledger's indexes of variants and of rollouts' steps. No migration makes them: over a large ledger that takes minutes, and in a migration's transaction no record could be written meanwhile.
/// </summary>
internal sealed class VariantIndex(NpgsqlDataSource source)
{
    /// <summary>Any constant that nothing else in our databases locks on.</summary>
    private const long LockKey = 0x4169_4661_5661_7269;

    private static readonly (string Name, string Columns)[] Indexes =
    [
        ("usage_of_variants", "(requested_model, variant, at) where variant is not null"),
        ("usage_of_steps", "(variant, rollout_step, at) where rollout_step is not null"),
    ];

    /// <summary>Makes those that are not there; false while another gateway does.</summary>
    public async Task<bool> EnsureAsync(CancellationToken cancellationToken)
    {
        // 1. A build that was cut off leaves an index that is not valid.
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (await AreThereAsync(connection, cancellationToken))
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
            foreach (var (name, columns) in Indexes)
            {
                if (!await IsThereAsync(connection, name, cancellationToken))
                {
                    await connection.ExecuteAsync(new CommandDefinition($"drop index concurrently if exists {name}", commandTimeout: 0, cancellationToken: cancellationToken));
                    await connection.ExecuteAsync(new CommandDefinition($"create index concurrently {name} on usage {columns}", commandTimeout: 0, cancellationToken: cancellationToken));
                }
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

    private static async Task<bool> AreThereAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var (name, _) in Indexes)
        {
            if (!await IsThereAsync(connection, name, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static Task<bool> IsThereAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken) => connection.QueryFirstAsync<bool>(new CommandDefinition(
        "select coalesce((select indisvalid from pg_index where indexrelid = to_regclass(@name)), false)", new { name }, cancellationToken: cancellationToken));
}
