namespace AiFactory.ModelLibrary.Guardrails;

internal static class GuardrailsExtensions
{
    internal static WebApplicationBuilder AddGuardrails(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GuardrailStore>().AddSingleton<JudgeCheck>().AddSingleton<GuardrailService>();
        return builder;
    }

    internal static WebApplication MapGuardrails(this WebApplication app)
    {
        GuardrailEndpoints.Map(app);
        return app;
    }
}
