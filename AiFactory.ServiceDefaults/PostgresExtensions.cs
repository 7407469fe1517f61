using System.Reflection;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace AiFactory.ServiceDefaults;

public static class PostgresExtensions
{
    /// <summary>
    /// A singleton <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{name}</c>. The database is created when it is absent and brought to the last of the
    /// assembly's embedded <c>Storage/Migrations/NNNN_name.sql</c>, in the background and again until the server is there; <see cref="MigrationState"/> tells when.
    /// </summary>
    public static TBuilder AddPostgresDatabase<TBuilder>(this TBuilder builder, string name, Assembly migrations)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<MigrationState>();
        builder.Services.AddSingleton(services => NpgsqlDataSource.Create(
            services.GetRequiredService<IConfiguration>().GetConnectionString(name) ?? throw new InvalidOperationException($"ConnectionStrings:{name} is not set.")));
        return builder;
    }
}
