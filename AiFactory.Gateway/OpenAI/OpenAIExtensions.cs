namespace AiFactory.Gateway.OpenAI;

internal static class OpenAIExtensions
{
    public static IServiceCollection AddOpenAI(this IServiceCollection services)
    {
        services.AddSingleton<ModelCallers>();
        services.AddSingleton<InferenceHandler>();
        services.AddSingleton<ModelHandler>();
        services.AddSingleton<IProblemDetailsWriter, OpenAIProblemWriter>();
        return services;
    }

    public static void MapOpenAI(this IEndpointRouteBuilder app) => OpenAIEndpoints.Map(app);
}
