using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Moderations;

internal static class ModerationsExtensions
{
    public static IServiceCollection AddModerations(this IServiceCollection services) => services.AddSingleton<RuleModeration>().AddSingleton<ModerationHandler>();

    public static void MapModerations(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<ModerationHandler>();
        app.MapPost($"/{Operation.Moderation.Path}", handler.InvokeAsync).RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute()).ShortCircuit();
    }
}
