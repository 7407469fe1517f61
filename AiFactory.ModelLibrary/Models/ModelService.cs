using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Models;

/// <summary>Reads the catalogue. What changes a version is in Sync, Scanning and Approvals.</summary>
internal sealed class ModelService(ModelStore models, VersionStore versions, EvidenceStore evidence)
{
    internal async Task<Outcome<Page<ModelResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<ModelResponse>>();
        }

        var rows = await models.ListAsync(project, after ?? "", limit + 1, cancellationToken);
        var responses = await WithVersionsAsync([.. rows.Take(limit)], cancellationToken);
        return new Page<ModelResponse>(responses, rows.Count > limit ? responses[^1].Name : null);
    }

    internal async Task<Outcome<ModelResponse>> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        await models.FindAsync(project, name, cancellationToken) is { } model
            ? (await WithVersionsAsync([model], cancellationToken))[0]
            : Outcome<ModelResponse>.Missed("model", name);

    internal async Task<Outcome<ModelVersionResponse>> FindVersionAsync(string project, Guid id, CancellationToken cancellationToken) =>
        await versions.FindAsync(project, id, cancellationToken) is { } version
            ? ModelMapping.ToResponse(version, await evidence.ListAsync([id], cancellationToken))
            : Outcome<ModelVersionResponse>.Missed("model version", id);

    private async Task<IReadOnlyList<ModelResponse>> WithVersionsAsync(IReadOnlyList<ModelRow> rows, CancellationToken cancellationToken)
    {
        var ofModels = await versions.ListAsync([.. rows.Select(row => row.Id)], cancellationToken);
        var ofVersions = (await evidence.ListAsync([.. ofModels.Select(version => version.Id)], cancellationToken)).ToLookup(item => item.VersionId);
        var byModel = ofModels.ToLookup(version => version.ModelId);
        return
        [
            .. rows.Select(row => new ModelResponse(
                row.Project,
                row.Name,
                row.CreatedAt,
                [.. byModel[row.Id].Select(version => ModelMapping.ToResponse(version, ofVersions[version.Id]))])),
        ];
    }
}
