using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Auditing;

/// <summary>What was refused or done at the gateway, once or several times.</summary>
/// <param name="At">The first time, in whole microseconds, as the database keeps it.</param>
/// <param name="Until">The last time.</param>
/// <param name="Actor">The subject, as <c>key:0197...</c>.</param>
/// <param name="Action">For example <c>model.denied</c>.</param>
/// <param name="Target">The route.</param>
/// <param name="Reason">A code from a small set.</param>
internal sealed record AuditRecord(
    Guid Id, DateTimeOffset At, DateTimeOffset Until, string? Project, string Actor, string Action, string Target, string? Reason, int Count)
{
    private const byte Form = 1;

    /// <summary>As an entry of the outbox: a kind, a form, the id, and all of it as JSON. It is rare, so it need not be short.</summary>
    public byte[] ToEntry()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, AuditJson.Default.AuditRecord);
        return [(byte)UsageEntryKind.Audit, Form, .. Id.ToByteArray(), .. json];
    }

    /// <exception cref="InvalidDataException">It was written by a version that this one does not know.</exception>
    public static AuditRecord FromEntry(ReadOnlySpan<byte> entry) =>
        entry[1] == Form && JsonSerializer.Deserialize(entry[18..], AuditJson.Default.AuditRecord) is { } record
            ? record
            : throw new InvalidDataException("an act is of a form that this version does not know");
}

[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class AuditJson : JsonSerializerContext;
