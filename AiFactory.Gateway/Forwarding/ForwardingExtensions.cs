using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

internal static class ForwardingExtensions
{
    public static IServiceCollection AddForwarding(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ForwardingOptions>().BindConfiguration(ForwardingOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<ProbeOptions>().BindConfiguration(ProbeOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<ReplicaProber>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplicaProber>());
        services.AddSingleton<UpstreamClient>();
        services.AddSingleton<UpstreamRequest>();
        services.AddSingleton<TrafficRouter>();
        services.AddSingleton<ShadowTraffic>();
        services.AddSingleton<ReplicaAttempt>();
        services.AddSingleton<Hedging>();
        services.AddSingleton<ReplicaWait>();
        services.AddSingleton<FailureJudge>();
        services.AddSingleton<Forwarder>();
        return services;
    }
}
