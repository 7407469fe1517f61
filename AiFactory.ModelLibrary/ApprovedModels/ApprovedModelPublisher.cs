using System.Runtime.ExceptionServices;
using AiFactory.ModelLibrary.Kubernetes;
using ApprovedModelObject = AiFactory.ModelLibrary.Kubernetes.CustomResource<AiFactory.ModelLibrary.ApprovedModels.ApprovedModelSpec, AiFactory.ModelLibrary.ApprovedModels.ApprovedModelStatus>;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>
/// Makes a namespace say what the catalogue says, and writes only what differs:
/// 1. what is revoked is said first, should the server fail in between;
/// 2. an object that no version stands behind is deleted, whoever made it: it would vouch for what nobody approved;
/// 3. what is approved is said. An object that the server refuses does not hold up the others.
/// </summary>
internal sealed partial class ApprovedModelPublisher(ApprovedModelStore store, KubernetesApi api, ILogger<ApprovedModelPublisher> logger)
{
    /// <returns>The writes that it took.</returns>
    internal async Task<int> PublishAsync(string project, string place, CancellationToken cancellationToken)
    {
        var desired = (await store.ListAsync([project], cancellationToken)).Select(ApprovedModel.From).ToList();
        var resource = ApprovedModel.Resource(place);
        var present = (await api.ListAsync<ApprovedModelSpec, ApprovedModelStatus>(resource, cancellationToken)).ToDictionary(each => each.Metadata.Name, StringComparer.Ordinal);
        var writes = 0;
        KubernetesException? refused = null;
        var names = desired.Select(model => model.Name).ToHashSet(StringComparer.Ordinal);
        await WriteAllAsync(desired.Where(model => model.State == ApprovedModel.Revoked));
        foreach (var stray in present.Values.Where(each => !names.Contains(each.Metadata.Name) && each.Metadata.DeletionTimestamp is null))
        {
            await TryAsync(async () =>
            {
                await api.DeleteAsync($"{resource}/{stray.Metadata.Name}", stray.Metadata, cancellationToken);
                LogStray(logger, stray.Metadata.Name, place, project);
                return 1;
            });
        }

        await WriteAllAsync(desired.Where(model => model.State != ApprovedModel.Revoked));
        if (refused is not null)
        {
            ExceptionDispatchInfo.Throw(refused);
        }

        return writes;

        async Task WriteAllAsync(IEnumerable<ApprovedModel> models)
        {
            foreach (var model in models)
            {
                await TryAsync(() => WriteAsync(resource, place, model, present.GetValueOrDefault(model.Name), cancellationToken));
            }
        }

        async Task TryAsync(Func<Task<int>> write)
        {
            try
            {
                writes += await write();
            }
            catch (KubernetesException error) when (error.IsOfTheObject)
            {
                refused ??= error;
            }
        }
    }

    private async Task<int> WriteAsync(string resource, string place, ApprovedModel model, ApprovedModelObject? present, CancellationToken cancellationToken)
    {
        var writes = 0;
        var metadata = new ObjectMetadata(model.Name, place);
        if (present is null || present.Spec != model.Spec || !HasLabels(present, model))
        {
            var applied = new ApprovedModelObject(ApprovedModel.ApiVersion, ApprovedModel.Kind, metadata with { Labels = model.Labels }, Spec: model.Spec);
            present = await api.ApplyAsync($"{resource}/{model.Name}", applied, cancellationToken);
            writes++;
        }

        var status = model.Status(present.Metadata.Generation ?? 0);
        if (present.Status?.Says(status) != true)
        {
            await api.ApplyAsync($"{resource}/{model.Name}/status", new ApprovedModelObject(ApprovedModel.ApiVersion, ApprovedModel.Kind, metadata, Status: status), cancellationToken);
            writes++;
        }

        return writes;
    }

    private static bool HasLabels(ApprovedModelObject present, ApprovedModel model) =>
        model.Labels.All(label => present.Metadata.Labels?.GetValueOrDefault(label.Key) == label.Value);

    [LoggerMessage(2603, LogLevel.Warning, "ApprovedModel {Name} in namespace {Namespace} stood for nothing that project {Project} has approved, and is deleted")]
    private static partial void LogStray(ILogger logger, string name, string @namespace, string project);
}
