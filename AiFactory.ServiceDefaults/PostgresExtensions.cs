using System.Data.Common;
using System.Reflection;
using AiFactory.ServiceDefaults.Health;
using AiFactory.ServiceDefaults.Postgres;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AiFactory.ServiceDefaults;

public static class PostgresExtensions
{
    private const string MaxAutoPrepare = "Max Auto Prepare";

    /// <summary>
    /// A singleton <see cref="NpgsqlDataSource"/>, and a <see cref="Database"/> over it, for <c>ConnectionStrings:{name}</c>. The database is created when it is absent and brought to the last of the
    /// assembly's embedded <c>Storage/Migrations/NNNN_name.sql</c>, in the background and again until the server is there; <see cref="MigrationState"/> tells when.
    /// Dapper matches columns with underscores.
    /// </summary>
    /// <param name="servesWithout">Whether the service is of use without it. Such a one is ready also while the server is away: it is not asked for that.</param>
    public static TBuilder AddPostgresDatabase<TBuilder>(this TBuilder builder, string name, Assembly migrations, bool servesWithout = false)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        builder.Services.AddSingleton<MigrationState>();
        builder.Services.AddSingleton<Database>();
        builder.Services.AddSingleton(services => new NpgsqlDataSourceBuilder(Prepared(ConnectionString(services, name)))
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>())
            .Build());
        builder.Services.AddSingleton(services => new DatabaseCreator(
            ConnectionString(services, name), services.GetRequiredService<ILogger<DatabaseCreator>>()));
        builder.Services.AddSingleton(services => new MigrationRunner(
            services.GetRequiredService<NpgsqlDataSource>(), MigrationSet.Read(migrations), services.GetRequiredService<ILogger<MigrationRunner>>()));
        builder.Services.AddHostedService<MigrationWorker>();
        if (!servesWithout)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                name,
                services => ActivatorUtilities.CreateInstance<PostgresHealthCheck>(services),
                failureStatus: null,
                [HealthTags.Ready],
                TimeSpan.FromSeconds(5)));
        }

        return builder;
    }

    /// <summary>Statements that come again are prepared once a connection, unless the connection string says otherwise (a pooler in front of the server may need <c>Max Auto Prepare=0</c>).</summary>
    private static string Prepared(string connectionString)
    {
        // Npgsql's own builder claims to contain every key that it knows.
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return given.ContainsKey(MaxAutoPrepare)
            ? connectionString
            : new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 64, AutoPrepareMinUsages = 3 }.ConnectionString;
    }

    private static string ConnectionString(IServiceProvider services, string name) =>
        services.GetRequiredService<IConfiguration>().GetConnectionString(name) is { Length: > 0 } text
            ? text
            : throw new InvalidOperationException($"ConnectionStrings:{name} is not set: it says where the Postgres database is, for example Host=localhost;Port=5432;Username=postgres;Password=...;Database={name}.");
}
