namespace Aspire.Hosting.ApplicationModel;

internal static class UrlAnnotations
{
    /// <summary>A URL as the author wrote it: absolute, or a path below the resource's first HTTP endpoint.</summary>
    public static ResourceUrlAnnotation Of(IResource resource, string url, string? displayText)
    {
        if (url.StartsWith('/') && resource is IResourceWithEndpoints owner
            && owner.GetEndpoints().FirstOrDefault(e => e.IsHttps || e.IsHttp) is { } endpoint)
        {
            return new ResourceUrlAnnotation { Url = endpoint.Url + url, DisplayText = displayText, Endpoint = endpoint };
        }

        return new ResourceUrlAnnotation { Url = url, DisplayText = displayText };
    }
}
