using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Hardware;

internal static class HardwareExtensions
{
    public static void AddHardware(this IHostApplicationBuilder builder)
    {
        builder.AddTelemetrySources(GpuMetrics.Name);
        builder.Services.AddSingleton<INvml>(_ => (INvml?)Nvml.TryOpen(VisibleDevices.Parse(Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"))) ?? new NoNvml());
        builder.Services.AddHostedService<GpuMetrics>();
    }

    public static void MapHardware(this IEndpointRouteBuilder routes) => routes.MapGet("/hardware", Get).RequirePermission(Permissions.WorkersRead);

    private static JsonHttpResult<HardwareReport> Get(LlamaRuntime runtime, INvml nvml, MemoryBudget memory, IOptions<EngineOptions> engine) => TypedResults.Json(
        new HardwareReport(runtime.Hardware, runtime.Build, runtime.Reasons, LlamaDevice.List(), nvml.Read(), engine.Value.EffectiveThreads, memory.Total), HardwareJson.Default.HardwareReport);
}
