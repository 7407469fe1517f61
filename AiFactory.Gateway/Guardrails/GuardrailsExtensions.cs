namespace AiFactory.Gateway.Guardrails;

internal static class GuardrailsExtensions
{
    public static IServiceCollection AddGuardrails(this IServiceCollection services) => services.AddSingleton<RequestGuard>();
}
