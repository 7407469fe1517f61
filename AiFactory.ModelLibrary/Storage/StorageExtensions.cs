using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults;

namespace AiFactory.ModelLibrary.Storage;

internal static class StorageExtensions
{
    internal static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddPostgresDatabase("librarydb", typeof(StorageExtensions).Assembly);
        builder.AddObjectStore("objects");
        builder.Services.AddSingleton<LibrarySignals>();
        return builder;
    }
}
