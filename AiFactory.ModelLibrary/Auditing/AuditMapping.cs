using System.Text.Json;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Auditing;

internal static class AuditMapping
{
    internal static AuditEntryResponse ToResponse(AuditRow row) => new(
        row.Sequence,
        row.At,
        row.Project,
        row.Actor,
        row.Action,
        row.Target,
        row.Detail is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Detail));
}
