namespace AiFactory.AppHost.Kubernetes;

/// <summary>What the factory stands on in a cluster. Where it is and who may use it are settings and Secrets of the installation, so both are parameters here.</summary>
internal static class PublishedStorage
{
    public static IResourceBuilder<IResourceWithConnectionString> AddPublishedDatabase(this IDistributedApplicationBuilder builder, string name, string databaseName)
    {
        var host = builder.Setting("postgres-host");
        var port = builder.Setting("postgres-port");
        var parameters = builder.Setting("postgres-parameters");
        var user = builder.Setting($"{name}-username");
        var password = builder.Secret($"{name}-password");
        return builder
            .AddConnectionString(name, ReferenceExpression.Create($"Host={host};Port={port};Username={user};Password='{password}';Database={databaseName};SSL Mode=Require{parameters}"))
            .WithAnnotation(new DatabaseAnnotation(name, databaseName));
    }

    public static IResourceBuilder<IResourceWithConnectionString> AddPublishedObjectStorage(this IDistributedApplicationBuilder builder, string name)
    {
        var endpoint = builder.Setting("objects-endpoint");
        var bucket = builder.Setting("objects-bucket");
        var region = builder.Setting("objects-region");
        var accessKey = builder.Secret("objects-access-key");
        var secretKey = builder.Secret("objects-secret-key");
        return builder
            .AddConnectionString(name, ReferenceExpression.Create($"Endpoint={endpoint};Bucket={bucket};Region={region};AccessKey='{accessKey}';SecretKey='{secretKey}'"))
            .WithAnnotation(new ObjectStorageAnnotation());
    }

    // The chart has the value (HelmExpressions.Shared), not the model.
    private static IResourceBuilder<ParameterResource> Setting(this IDistributedApplicationBuilder builder, string name) =>
        Known(builder, name) ?? builder.AddParameter(name, "", publishValueAsDefault: true);

    private static IResourceBuilder<ParameterResource> Secret(this IDistributedApplicationBuilder builder, string name) =>
        Known(builder, name) ?? builder.AddParameter(name, secret: true);

    private static IResourceBuilder<ParameterResource>? Known(IDistributedApplicationBuilder builder, string name) =>
        builder.Resources.OfType<ParameterResource>().FirstOrDefault(parameter => parameter.Name == name) is { } known ? builder.CreateResourceBuilder(known) : null;
}
