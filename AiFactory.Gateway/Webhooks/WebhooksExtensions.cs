using AiFactory.Gateway.Infer;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outbound;
using AiFactory.ServiceDefaults.Secrets;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

internal static class WebhooksExtensions
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, bool enabled)
    {
        services.AddOptionsWithValidateOnStart<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
        if (enabled)
        {
            services.AddSingleton(provider => Connector(provider.GetRequiredService<IOptions<WebhookOptions>>().Value));
            services.AddCredentialSeal().AddSingleton<WebhookUrl>().AddSingleton<WebhookStore>().AddSingleton<WebhookSecrets>().AddSingleton<WebhookGate>().AddSingleton<WebhookSender>();
            services.AddSingleton<WebhookSignal>().AddSingleton<WebhookTelemetry>().AddSingleton<WebhookHandler>().AddHostedService<WebhookWorker>().AddHostedService<WebhookReseal>();
        }

        return services;
    }

    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var door = app.ServiceProvider.GetRequiredService<StoredWorkDoor>();
        var problems = app.ServiceProvider.GetRequiredService<IProblemDetailsService>();
        var webhooks = app.MapGroup("/api/webhooks").WithMetadata(new ModelRoute());
        Map("GET", "/secret", Permissions.KeysRead, (handler, context, caller) => handler.GetSecretAsync(context, caller));
        Map("POST", "/secret", Permissions.KeysWrite, (handler, context, caller) => handler.RotateAsync(context, caller));
        Map("GET", "/messages", Permissions.KeysRead, (handler, context, caller) => handler.ListAsync(context, caller));
        Map("POST", "/messages/{message}/retry", Permissions.KeysWrite, (handler, context, caller) => handler.AgainAsync(context, caller));

        void Map(string method, string path, string permission, Func<WebhookHandler, HttpContext, WorkCaller, Task<OpenAIError?>> handle) =>
            webhooks.MapMethods(
                path,
                [method],
                door.Open(
                    (context, caller) => caller.Caller.Identity.Has(permission)
                        ? handle(app.ServiceProvider.GetRequiredService<WebhookHandler>(), context, caller)
                        : Task.FromResult<OpenAIError?>(OpenAIError.MissingPermission(permission)),
                    (context, error) => InferProblem.WriteAsync(context, problems, error)))
                .RequirePermission(permission).ShortCircuit();
    }

    private static OutboundConnector Connector(WebhookOptions options) =>
        new(options.Allows, $"{WebhookOptions.Section}:{nameof(WebhookOptions.AllowedHosts)} or {nameof(WebhookOptions.AllowedNetworks)}") { Networks = options.Networks() };
}
