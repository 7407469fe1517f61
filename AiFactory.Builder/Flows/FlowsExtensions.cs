using AiFactory.Builder.Flows.Bodies;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Flows.Publishing;

namespace AiFactory.Builder.Flows;

internal static class FlowsExtensions
{
    internal static WebApplicationBuilder AddFlows(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<FlowStore>()
            .AddSingleton<FlowPlans>()
            .AddSingleton<GraphValidator>()
            .AddSingleton<FlowBodies>()
            .AddSingleton<FlowService>()
            .AddSingleton<PublicationStore>()
            .AddSingleton<PublicationService>();
        return builder;
    }

    internal static WebApplication MapFlows(this WebApplication app)
    {
        FlowEndpoints.Map(app);
        PublicationEndpoints.Map(app);
        return app;
    }
}
