using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Auditing;

/// <summary>Records an act in the transaction that does it.</summary>
internal sealed class AuditLog(AuditStore store, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal Task AppendAsync(DatabaseTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        var detail = entry is { Before: null, After: null, Reason: null }
            ? null
            : JsonSerializer.Serialize(new { before = entry.Before, after = entry.After, reason = entry.Reason }, Json);
        return store.InsertAsync(transaction, entry, detail, time.GetUtcNow(), cancellationToken);
    }
}
