using AiFactory.Gateway.Metering;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Storage;

/// <summary>Whether the gateway can keep files, batches and jobs: they need its database and object storage. Models are served without either.</summary>
internal static class StoredWork
{
    /// <summary>The connection string of the object storage.</summary>
    public const string Objects = "objects";

    public static bool IsEnabled(IConfiguration configuration) => Missing(configuration) is null;

    /// <summary>What the settings lack; null when nothing.</summary>
    public static OpenAIError? Missing(IConfiguration configuration)
    {
        var database = UsageOutbox.IsEnabled(configuration) ? null : $"its database (ConnectionStrings:{UsageOutbox.Database})";
        var objects = configuration.GetConnectionString(Objects) is { Length: > 0 } ? null : $"its object storage (ConnectionStrings:{Objects})";
        return database is null && objects is null
            ? null
            : Unavailable($"This gateway keeps no files, batches and jobs: {string.Join(" and ", new[] { database, objects }.OfType<string>())} is not set.", "not_configured");
    }

    public static OpenAIError Unavailable(string message, string code = "storage_unavailable") =>
        OpenAIError.Of(StatusCodes.Status503ServiceUnavailable, message, "server_error", code: code) with { RetryAfter = TimeSpan.FromSeconds(5) };
}
