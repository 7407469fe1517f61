using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

internal static class CommandSnapshots
{
    public static ImmutableArray<ResourceCommandSnapshot> For(IResource resource, CustomResourceSnapshot snapshot, IServiceProvider services)
    {
        var context = new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = services };
        return [.. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(c => new ResourceCommandSnapshot(
            c.Name, c.UpdateState(context), c.DisplayName, c.DisplayDescription, c.Parameter, c.ConfirmationMessage, c.IconName, c.IconVariant, c.IsHighlighted))];
    }
}
