using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.SubRequests;

internal static class SubRequestsExtensions
{
    public static IServiceCollection AddSubRequests(this IServiceCollection services)
    {
        services.AddSingleton<OuterRequests>();

        // Made late, for the handler of requests stands before the rooms that ask by it.
        services.AddSingleton(provider => new Lazy<InferenceHandler>(provider.GetRequiredService<InferenceHandler>));
        services.AddSingleton<PartRequests>();
        services.AddSingleton<TextEmbedder>();
        return services;
    }
}
