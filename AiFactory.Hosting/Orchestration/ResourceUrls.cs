using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>The addresses that the dashboard shows for a resource.</summary>
internal sealed class ResourceUrls(DistributedApplicationExecutionContext execution)
{
    public async Task<ImmutableArray<UrlSnapshot>> OfAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new ResourceUrlsCallbackContext(execution, resource, cancellationToken: cancellationToken);
        if (resource is IResourceWithEndpoints owner)
        {
            context.Urls.AddRange(owner.GetEndpoints().Where(e => e.IsAllocated).Select(e => new ResourceUrlAnnotation { Url = e.Url, Endpoint = e }));
        }

        context.Urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>());
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        return [.. context.Urls.Select(u => new UrlSnapshot(u.Endpoint?.EndpointName, u.Url, u.DisplayLocation == UrlDisplayLocation.DetailsOnly)
        {
            DisplayProperties = new UrlDisplayPropertiesSnapshot(u.DisplayText ?? "", u.DisplayOrder ?? 0),
        })];
    }
}
