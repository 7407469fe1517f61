using System.Data.Common;

namespace AiFactory.ServiceDefaults.Objects;

/// <summary>
/// A connection string of object storage, in one of two forms:
/// <code>
/// Directory=/var/lib/aifactory/objects
/// Endpoint=http://localhost:9000;Bucket=aifactory;AccessKey=...;SecretKey=...;Region=us-east-1;CreateBucket=true
/// </code>
/// </summary>
internal abstract record ObjectStoreSettings
{
    private ObjectStoreSettings()
    {
    }

    public sealed record Directory(string Path) : ObjectStoreSettings;

    /// <param name="Endpoint">Null for AWS itself.</param>
    /// <param name="AccessKey">Null takes the SDK's own chain: environment, profile, instance role.</param>
    /// <param name="CreateBucket">Whether a bucket that is absent is made.</param>
    public sealed record S3(Uri? Endpoint, string Bucket, string? AccessKey, string? SecretKey, string Region, bool CreateBucket) : ObjectStoreSettings
    {
        /// <summary>Without the secret.</summary>
        public override string ToString() => $"{Endpoint?.ToString() ?? "AWS"} {Bucket}";
    }

    public static ObjectStoreSettings Parse(string setting, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Bad(setting, "is not set");
        }

        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw Bad(setting, "is not of the form Name=value;Name=value");
        }

        return Value(parts, "Directory") is { } directory ? ParseDirectory(setting, directory) : ParseS3(setting, parts);
    }

    private static Directory ParseDirectory(string setting, string path) =>
        System.IO.Path.IsPathFullyQualified(path)
            ? new Directory(System.IO.Path.GetFullPath(path))
            : throw Bad(setting, $"names the directory '{path}', which is not an absolute path");

    private static S3 ParseS3(string setting, DbConnectionStringBuilder parts)
    {
        Uri? endpoint = null;
        if (Value(parts, "Endpoint") is { } address && (!Uri.TryCreate(address, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
        {
            throw Bad(setting, $"has the Endpoint '{address}', which is not an http or https address");
        }

        var accessKey = Value(parts, "AccessKey");
        var secretKey = Value(parts, "SecretKey");
        if (accessKey is null != secretKey is null)
        {
            throw Bad(setting, "needs both AccessKey and SecretKey, or neither");
        }

        var create = Value(parts, "CreateBucket");
        if (create is not null && !bool.TryParse(create, out _))
        {
            throw Bad(setting, "has a CreateBucket that is neither true nor false");
        }

        return new S3(
            endpoint,
            Value(parts, "Bucket") ?? throw Bad(setting, "has neither a Directory nor a Bucket"),
            accessKey,
            secretKey,
            Value(parts, "Region") ?? "us-east-1",
            create is null || bool.Parse(create));
    }

    private static string? Value(DbConnectionStringBuilder parts, string name) =>
        parts.TryGetValue(name, out var value) && value is string { Length: > 0 } text ? text : null;

    /// <summary>The text itself is not shown: it may hold a secret.</summary>
    private static InvalidOperationException Bad(string setting, string complaint) =>
        new($"{setting} {complaint}. It is either Directory=/absolute/path or Endpoint=http://host:port;Bucket=name;AccessKey=...;SecretKey=...;Region=us-east-1.");
}
