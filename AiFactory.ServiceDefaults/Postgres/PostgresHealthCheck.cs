using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>Ready when the migrations are applied and the server answers.</summary>
internal sealed class PostgresHealthCheck(NpgsqlDataSource database, MigrationState migrations) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (migrations.Problem is { } problem)
        {
            return HealthCheckResult.Unhealthy(problem);
        }

        try
        {
            await using var command = database.CreateCommand("select 1");
            command.CommandTimeout = 3;
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The server does not answer.", error);
        }
    }
}
