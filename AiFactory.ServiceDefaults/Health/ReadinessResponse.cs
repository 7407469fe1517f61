using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.ServiceDefaults.Health;

/// <summary>What <c>/readyz</c> answers: <c>{"status":"unhealthy","checks":[{"name":"librarydb","status":"unhealthy","description":"..."}]}</c>.</summary>
internal sealed record ReadinessResponse(string Status, IReadOnlyList<ReadinessCheck> Checks)
{
    public static ReadinessResponse From(HealthReport report) => new(
        Name(report.Status),
        [.. report.Entries
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new ReadinessCheck(entry.Key, Name(entry.Value.Status), Describe(entry.Value)))]);

    /// <summary>An exception's type and no more: its message may hold an address or a secret, and this route is open to all.</summary>
    private static string? Describe(HealthReportEntry entry) =>
        entry.Description is { } text && text != entry.Exception?.Message ? text : entry.Exception?.GetType().Name;

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

internal sealed record ReadinessCheck(string Name, string Status, string? Description);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReadinessResponse))]
internal sealed partial class HealthJson : JsonSerializerContext;
