namespace Aspire.Hosting.ApplicationModel;

public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    // A field, because it is one in Aspire.
#pragma warning disable CA1051
    public int? DisplayOrder;
#pragma warning restore CA1051

    public required string Url { get; set; }

    public string? DisplayText { get; set; }

    public EndpointReference? Endpoint { get; init; }

    public UrlDisplayLocation DisplayLocation { get; set; }
}
