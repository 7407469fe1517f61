using AiFactory.ServiceDefaults.Health;
using AiFactory.ServiceDefaults.Objects;
using AiFactory.ServiceDefaults.Objects.Directories;
using AiFactory.ServiceDefaults.Objects.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults;

public static class ObjectStoreExtensions
{
    /// <summary>
    /// A singleton <see cref="IObjectStore"/> for <c>ConnectionStrings:{name}</c>: <c>Directory=/var/lib/objects</c>, or
    /// <c>Endpoint=http://host:port;Bucket=aifactory;AccessKey=...;SecretKey=...;Region=us-east-1</c>. Readiness asks it.
    /// </summary>
    /// <param name="servesWithout">Whether the service is of use without it. Such a one is ready also while the store is away: it is not asked for that.</param>
    public static TBuilder AddObjectStore<TBuilder>(this TBuilder builder, string name, bool servesWithout = false)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => Create(
            ObjectStoreSettings.Parse($"ConnectionStrings:{name}", services.GetRequiredService<IConfiguration>().GetConnectionString(name)),
            services));
        builder.Services.AddHostedService<ObjectStoreStart>();
        if (!servesWithout)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                name,
                services => ActivatorUtilities.CreateInstance<ObjectStoreHealthCheck>(services),
                failureStatus: null,
                [HealthTags.Ready],
                TimeSpan.FromSeconds(5)));
        }

        return builder;
    }

    private static IObjectStore Create(ObjectStoreSettings settings, IServiceProvider services) => settings switch
    {
        ObjectStoreSettings.Directory directory => Prepared(new DirectoryObjectStore(directory.Path, services.GetRequiredService<TimeProvider>())),
        ObjectStoreSettings.S3 s3 => CreateS3(s3, services.GetRequiredService<TimeProvider>()),
        _ => throw new ArgumentOutOfRangeException(nameof(settings)),
    };

    private static S3ObjectStore CreateS3(ObjectStoreSettings.S3 settings, TimeProvider time)
    {
        var client = S3Client.Create(settings);
        return new S3ObjectStore(client, new S3Bucket(client, settings.Bucket, settings.CreateBucket), time);
    }

    private static DirectoryObjectStore Prepared(DirectoryObjectStore store)
    {
        store.Prepare();
        return store;
    }
}
