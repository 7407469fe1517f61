using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace AiFactory.AppHost;

internal static class StorageExtensions
{
    private const string Server = "postgres";

    /// <summary>Adds a Postgres database: on the server that <c>ConnectionStrings:postgres</c> names, else on one of our own.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(this IDistributedApplicationBuilder builder, string name, string databaseName)
    {
        if (builder.Configuration.GetConnectionString(Server) is null)
        {
            return builder.AddPostgres(Server).WithDataVolume().AddDatabase(name, databaseName);
        }

        var server = builder.AddConnectionString(Server);
        return builder.AddConnectionString(name, ReferenceExpression.Create($"{server.Resource};Database={databaseName}"));
    }

    /// <summary>Adds object storage: what the connection string of that name says, else a directory in the AppHost's data folder.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddObjectStorage(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.Configuration.GetConnectionString(name) is not null)
        {
            return builder.AddConnectionString(name);
        }

        var directory = new DbConnectionStringBuilder { ["Directory"] = builder.DataFolder(name) };
        return builder.AddConnectionString(name, ReferenceExpression.Create($"{directory.ConnectionString}"));
    }
}
