using AiFactory.Builder.Threads.Targets;

namespace AiFactory.Builder.Threads;

internal static class ThreadsExtensions
{
    internal static WebApplicationBuilder AddThreads(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ThreadOptions>().BindConfiguration("Threads").ValidateDataAnnotations();
        builder.Services
            .AddSingleton<ThreadStore>()
            .AddSingleton<ThreadService>()
            .AddSingleton<ThreadAnswerStream>()
            .AddSingleton<ThreadTargets>()
            .AddSingleton<IThreadTarget, ModelTarget>()
            .AddSingleton<IThreadTarget, AgentTarget>()
            .AddSingleton<IThreadTarget, FlowTarget>();
        return builder;
    }

    internal static WebApplication MapThreads(this WebApplication app)
    {
        ThreadEndpoints.Map(app);
        return app;
    }
}
