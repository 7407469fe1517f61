namespace AiFactory.Builder.Agents;

internal static class AgentsExtensions
{
    internal static WebApplicationBuilder AddAgents(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<AgentStore>()
            .AddSingleton<AgentService>()
            .AddSingleton<AgentToolbox>()
            .AddSingleton<ToolRunner>()
            .AddSingleton<AgentRunner>();
        return builder;
    }

    internal static WebApplication MapAgents(this WebApplication app)
    {
        AgentEndpoints.Map(app);
        return app;
    }
}
