using AiFactory.Builder.Processes;

namespace AiFactory.Builder.Execution;

internal static class ExecutionExtensions
{
    internal static WebApplicationBuilder AddExecution(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ExecutionOptions>().BindConfiguration("Execution").ValidateDataAnnotations();
        builder.Services.AddSingleton<RunningSteps>().AddSingleton<ClaimStore>().AddSingleton<StepRunner>();
        if (builder.HasRole(BuilderRoles.Executor))
        {
            builder.Services
                .AddSingleton<ExecutionWorker>()
                .AddSingleton<LeaseRenewal>()
                .AddHostedService(services => services.GetRequiredService<LeaseRenewal>())
                .AddHostedService(services => services.GetRequiredService<ExecutionWorker>());
        }

        return builder;
    }
}
