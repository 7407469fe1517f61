using System.Data.Common;
using AiFactory.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Weights;

internal static class WeightsExtensions
{
    public const string ObjectStoreName = "objects";

    /// <summary>Weights from object storage, or from where the one model lies.</summary>
    /// <param name="model">Null for the factory's object storage.</param>
    /// <param name="secret">What this worker's marks of verified files are believed by: one that stays the same over restarts.</param>
    public static void AddWeights(this IHostApplicationBuilder builder, ModelUri? model, string? secret)
    {
        builder.Services.AddOptionsWithValidateOnStart<WeightsOptions>().BindConfiguration(WeightsOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton(provider => new VerifiedFiles(
            provider.GetRequiredService<IOptions<WeightsOptions>>(), secret, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<VerifiedFiles>>()));
        switch (model)
        {
            case ModelUri.Local:
                builder.Services.AddSingleton<IWeights, LocalWeights>();
                return;
            case ModelUri.Http:
                builder.Services.AddSingleton<IWeightsSource, HttpSource>();
                break;
            default:
                if (model is ModelUri.S3 s3)
                {
                    builder.Configuration.AddInMemoryCollection([new($"ConnectionStrings:{ObjectStoreName}", ConnectionString(s3.Bucket, builder.Configuration))]);
                }

                builder.AddObjectStore(ObjectStoreName);
                builder.Services.AddSingleton<IWeightsSource, ObjectStoreSource>();
                break;
        }

        builder.Services.AddSingleton<IWeights, WeightsCache>();
    }

    /// <summary>
    /// The bucket of the address, at the server and with the keys of <c>ConnectionStrings:objects</c> where that names a server, else of the usual <c>AWS_*</c> variables. What they do not say
    /// (a session token, a role of the pod) is left to the SDK's own chain.
    /// </summary>
    internal static string ConnectionString(string bucket, IConfiguration configuration)
    {
        var settings = new DbConnectionStringBuilder { ConnectionString = configuration.GetConnectionString(ObjectStoreName) ?? "" };
        settings.Remove("Directory");
        settings["Bucket"] = bucket;
        settings["CreateBucket"] = "false";
        Default("Endpoint", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
        Default("Region", "AWS_REGION", "AWS_DEFAULT_REGION");
        if (configuration["AWS_SESSION_TOKEN"] is not { Length: > 0 } && !settings.ContainsKey("AccessKey"))
        {
            Default("AccessKey", "AWS_ACCESS_KEY_ID");
            Default("SecretKey", "AWS_SECRET_ACCESS_KEY");
        }

        return settings.ConnectionString;

        void Default(string name, params string[] variables)
        {
            if (!settings.ContainsKey(name) && variables.Select(variable => configuration[variable]).FirstOrDefault(value => value is { Length: > 0 }) is { } found)
            {
                settings[name] = found;
            }
        }
    }
}
