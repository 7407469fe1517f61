using System.Data.Common;
using AiFactory.AppHost.Kubernetes;
using Microsoft.Extensions.Configuration;

namespace AiFactory.AppHost;

internal static class StorageExtensions
{
    private const string Server = "postgres";

    /// <summary>Adds a Postgres database: on the server that <c>ConnectionStrings:postgres</c> names, else on one of our own.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(this IDistributedApplicationBuilder builder, string name, string databaseName)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder.AddPublishedDatabase(name, databaseName);
        }

        if (builder.Configuration.GetConnectionString(Server) is null)
        {
            return Known<PostgresServerResource>(builder, () => builder.AddPostgres(Server).WithDataVolume()).AddDatabase(name, databaseName);
        }

        var server = Known<IResourceWithConnectionString>(builder, () => builder.AddConnectionString(Server));
        return builder.AddConnectionString(name, ReferenceExpression.Create($"{server.Resource};Database={databaseName}"));
    }

    /// <summary>The server, added with the first database.</summary>
    private static IResourceBuilder<T> Known<T>(IDistributedApplicationBuilder builder, Func<IResourceBuilder<T>> add)
        where T : IResource =>
        builder.Resources.OfType<T>().FirstOrDefault(resource => resource.Name == Server) is { } known ? builder.CreateResourceBuilder(known) : add();

    /// <summary>Adds object storage: what the connection string of that name says, else a directory in the AppHost's data folder.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddObjectStorage(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder.AddPublishedObjectStorage(name);
        }

        if (builder.Configuration.GetConnectionString(name) is not null)
        {
            return builder.AddConnectionString(name);
        }

        var directory = new DbConnectionStringBuilder { ["Directory"] = builder.DataFolder(name) };
        return builder.AddConnectionString(name, ReferenceExpression.Create($"{directory.ConnectionString}"));
    }
}
