namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources that a value is made of.</summary>
internal static class ReferencedResources
{
    public static IReadOnlyCollection<IResource> Of(object value)
    {
        var found = new HashSet<IResource>();
        Walk(value, found, []);
        return found;
    }

    /// <summary>Whether a secret parameter or a connection string is in it.</summary>
    public static bool IsSensitive(object value)
        => value is ConnectionStringReference or IResourceWithConnectionString
            || Of(value).Any(r => r is ParameterResource { Secret: true });

    private static void Walk(object value, HashSet<IResource> found, HashSet<object> seen)
    {
        if (!seen.Add(value))
        {
            return;
        }

        if (value is IResource resource)
        {
            found.Add(resource);
        }

        if (value is IValueWithReferences references)
        {
            foreach (var reference in references.References)
            {
                Walk(reference, found, seen);
            }
        }
    }
}
