using AiFactory.ServiceDefaults;

namespace AiFactory.Builder.Storage;

internal static class StorageExtensions
{
    internal static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddPostgresDatabase("builderdb", typeof(StorageExtensions).Assembly);
        builder.AddObjectStore("objects");
        return builder;
    }
}
