using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.Infer;
using AiFactory.Gateway.KServe;
using AiFactory.Gateway.Moderations;
using AiFactory.Gateway.Sockets;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Surfaces;

/// <summary>The protocols beside OpenAI's by which models are asked, and what of OpenAI's is no model's alone to answer.</summary>
internal static class SurfacesExtensions
{
    public static IServiceCollection AddSurfaces(this IServiceCollection services) => services.AddSubRequests().AddInfer().AddAnthropic().AddSockets().AddKServe().AddModerations();

    public static void MapSurfaces(this IEndpointRouteBuilder app)
    {
        app.MapInfer();
        app.MapAnthropic();
        app.MapSockets();
        app.MapKServe();
        app.MapModerations();
    }
}
