using AiFactory.Builder.Processes;

namespace AiFactory.Builder.Orchestration;

internal static class OrchestrationExtensions
{
    internal static WebApplicationBuilder AddOrchestration(this WebApplicationBuilder builder)
    {
        if (!builder.HasRole(BuilderRoles.Orchestrator))
        {
            return builder;
        }

        builder.Services.AddOptionsWithValidateOnStart<OrchestrationOptions>().BindConfiguration("Orchestration").ValidateDataAnnotations();
        builder.Services
            .AddSingleton<LeadershipStore>()
            .AddSingleton<Leadership>()
            .AddSingleton<OrchestrationStore>()
            .AddSingleton<RunDecider>()
            .AddSingleton<Orchestrator>()
            .AddHostedService(services => services.GetRequiredService<Orchestrator>());
        return builder;
    }
}
