using System.Reflection;

namespace Aspire.Hosting;

internal static class AssemblyMetadata
{
    public static string? Metadata(this Assembly? assembly, string key)
        => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
