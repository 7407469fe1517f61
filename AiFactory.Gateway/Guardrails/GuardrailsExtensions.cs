using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Trials;

namespace AiFactory.Gateway.Guardrails;

internal static class GuardrailsExtensions
{
    public static IServiceCollection AddGuardrails(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<GuardrailOptions>().BindConfiguration(GuardrailOptions.Section).ValidateDataAnnotations();
        return services.AddSingleton<LongTexts>().AddSingleton<AnswerPlaces>().AddSingleton<RequestGuard>().AddJudging().AddSingleton<TrialService>();
    }

    public static void MapGuardrails(this WebApplication app) => TrialEndpoints.Map(app);
}
