using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Kubernetes;
using AiFactory.ModelLibrary.Models;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>What a project's namespace is to say of one version. Its kind's definition is <c>approvedmodels.aifactory.dev.yaml</c> of the AppHost.</summary>
internal sealed record ApprovedModel(string Name, ApprovedModelSpec Spec, string State, string Message, DateTimeOffset Since)
{
    internal const string ApiVersion = "aifactory.dev/v1alpha1";
    internal const string Kind = "ApprovedModel";
    internal const string Approved = "Approved";
    internal const string Revoked = "Revoked";

    // A file names these itself; the kind bounds them.
    private const int LongestText = 256;

    internal IReadOnlyDictionary<string, string> Labels { get; } = new Dictionary<string, string>
    {
        ["aifactory.dev/project"] = Spec.Project,
        ["app.kubernetes.io/managed-by"] = KubernetesApi.FieldManager,
        ["app.kubernetes.io/part-of"] = "aifactory",
    };

    internal static string Resource(string place) => $"apis/{ApiVersion}/namespaces/{place}/approvedmodels";

    internal static ApprovedModel From(ApprovedModelRow row)
    {
        var metadata = row.Metadata is null ? null : JsonSerializer.Deserialize<ModelMetadata>(row.Metadata, JsonSerializerOptions.Web);
        var spec = new ApprovedModelSpec(
            row.Project,
            row.Model,
            row.Version,
            row.Tag,
            row.Digest,
            row.SizeBytes,
            Text(metadata?.Task),
            Text(metadata?.Format),
            Text(metadata?.Architecture),
            Text(metadata?.Quantization),
            metadata?.Parameters ?? 0,
            metadata?.ContextLength ?? 0,
            Text(metadata?.License))
        {
            Parts = [.. (ModelParts.Read(row.Parts) ?? []).Select(part => new ApprovedModelPart(part.Digest, part.SizeBytes))],
        };
        var name = ApprovedModelName.Of(row.Model, row.Tag, row.Version);
        return row.State == ModelVersionStates.Revoked
            ? new ApprovedModel(name, spec, Revoked, $"Revoked by {row.RevokedBy}: {row.Reason}", row.RevokedAt ?? row.CreatedAt)
            : new ApprovedModel(name, spec, Approved, $"Approved by {row.ApprovedBy}: {row.Comment}", row.ApprovedAt ?? row.CreatedAt);
    }

    internal ApprovedModelStatus Status(long generation) => new(
        State,
        generation,
        [new ObjectCondition(Approved, State == Approved ? "True" : "False", State, Message, ObjectCondition.Time(Since), generation)]);

    // Half of a pair of surrogates is no character: it would be sent as another, and differ for ever.
    private static string Text(string? text) =>
        text is null ? "" : text.Length <= LongestText ? text : text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)];
}
