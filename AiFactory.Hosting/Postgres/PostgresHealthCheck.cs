using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace AiFactory.Hosting.Postgres;

/// <summary>A new connection every time, and a query on it: a pooled one would not show that the server accepts none.</summary>
/// <param name="database">The database to ask, where the connection string names none.</param>
internal sealed class PostgresHealthCheck(IResourceWithConnectionString resource, string? database) : IHealthCheck
{
    private const int TimeoutSeconds = 5;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var given = await resource.GetConnectionStringAsync(cancellationToken);
            var connectionString = new NpgsqlConnectionStringBuilder(given) { Pooling = false, Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds };
            connectionString.Database = database ?? connectionString.Database;
            await using var connection = new NpgsqlConnection(connectionString.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return HealthCheckResult.Unhealthy("The server refuses the password: its data were made with another one.", e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy(e.Message, e);
        }
    }
}
