using AiFactory.ServiceDefaults;

namespace AiFactory.Gateway.Flows;

/// <summary>The builder as requests to flows need it: each request once, and a connection whose answer nobody wants any more is closed, which ends the run.</summary>
internal sealed class FlowClient(IHttpMessageHandlerFactory handlers, IConfiguration configuration)
{
    private const string Name = "flows";

    /// <summary>A gateway that was given no builder has no flows, and asks nobody for them.</summary>
    public bool IsConfigured { get; } = configuration.GetSection("services:builder").GetChildren().Any();

    /// <summary>The builder's OpenAI endpoints; the host is found in <c>services__builder__http__0</c>.</summary>
    public static Uri BaseAddress { get; } = new("http://builder/");

    public static void Register(IServiceCollection services) =>
        services.AddServiceClient(Name)
            .ConfigureResilience(options => options.Enabled = false)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                ConnectTimeout = TimeSpan.FromSeconds(3),
                MaxResponseDrainSize = 0,
                UseCookies = false,
                UseProxy = false,
            });

    /// <summary>The answer as soon as its headers are there.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var invoker = new HttpMessageInvoker(handlers.CreateHandler(Name), disposeHandler: false);
        return await invoker.SendAsync(request, cancellationToken);
    }
}
