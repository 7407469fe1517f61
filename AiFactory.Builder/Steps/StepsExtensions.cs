using AiFactory.Builder.Steps.Types;

namespace AiFactory.Builder.Steps;

internal static class StepsExtensions
{
    internal static WebApplicationBuilder AddSteps(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<IStepType, InputStep>()
            .AddSingleton<IStepType, RetrieveStep>()
            .AddSingleton<IStepType, PromptStep>()
            .AddSingleton<IStepType, ModelStep>()
            .AddSingleton<IStepType, AgentStep>()
            .AddSingleton<IStepType, ConditionStep>()
            .AddSingleton<IStepType, MapStep>()
            .AddSingleton<IStepType, LoopStep>()
            .AddSingleton<IStepType, HttpStep>()
            .AddSingleton<IStepType, TransformStep>()
            .AddSingleton<IStepType, OutputStep>()
            .AddSingleton<StepCatalogue>();
        return builder;
    }

    internal static WebApplication MapSteps(this WebApplication app)
    {
        StepEndpoints.Map(app);
        return app;
    }
}
