using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults;

public static class ObjectStoreExtensions
{
    /// <summary>
    /// A singleton <see cref="IObjectStore"/> for <c>ConnectionStrings:{name}</c>: <c>Directory=/var/lib/objects</c>, or
    /// <c>Endpoint=http://host:port;Bucket=aifactory;AccessKey=...;SecretKey=...;Region=us-east-1</c>. Readiness asks it.
    /// </summary>
    public static TBuilder AddObjectStore<TBuilder>(this TBuilder builder, string name)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IObjectStore>(_ => throw new NotImplementedException("The object stores follow in the next slice."));
        return builder;
    }
}
