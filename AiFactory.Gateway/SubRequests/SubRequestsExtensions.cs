namespace AiFactory.Gateway.SubRequests;

internal static class SubRequestsExtensions
{
    public static IServiceCollection AddSubRequests(this IServiceCollection services)
    {
        services.AddSingleton<OuterRequests>();
        return services;
    }
}
