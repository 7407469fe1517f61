using System.Text.Json;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Models;

internal static class ModelMapping
{
    internal static ModelVersionResponse ToResponse(VersionRow row, IEnumerable<EvidenceRow> evidence) => new(
        row.Id,
        row.Project,
        row.Model,
        row.Version,
        row.Tag,
        row.State,
        row.Reason,
        row.Digest,
        row.SizeBytes,
        Metadata(row),
        row.Author,
        row.SourceId,
        row.CreatedAt,
        [.. evidence.Select(item => new EvidenceResponse(item.Sequence, item.Stage, item.Outcome, item.Detail, item.Actor, item.At))],
        row.RevokedBy,
        row.RevokedAt)
    {
        Parts = ModelParts.Read(row.Parts)?.Select(part => new ModelVersionPart(part.Digest, part.SizeBytes)).ToList(),
    };

    internal static ModelMetadata? Metadata(VersionRow row) =>
        row.Metadata is null ? null : JsonSerializer.Deserialize<ModelMetadata>(row.Metadata, JsonSerializerOptions.Web);

    internal static string ToJson(ModelMetadata metadata) => JsonSerializer.Serialize(metadata, JsonSerializerOptions.Web);
}
