using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

internal static class SessionsExtensions
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ConsoleOptions>().BindConfiguration(ConsoleOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<SignInLink>();
        services.AddSingleton<SessionService>();
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<CookieSeal>();
        services.AddSingleton<SessionWriter>();
        services.AddSingleton<ProviderSessions>();
        services.AddSingleton<ProviderSignIn>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, SessionJson.Default));
        return services;
    }

    public static void MapSessions(this IEndpointRouteBuilder app) => SessionEndpoints.Map(app);
}
