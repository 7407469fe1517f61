namespace Aspire.Hosting.ApplicationModel;

public class HttpCommandOptions : CommandOptions
{
    public Func<EndpointReference>? EndpointSelector { get; set; }

    public string? HttpClientName { get; set; }

    public HttpMethod? Method { get; set; }

    public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }

    public Func<HttpCommandResultContext, Task<ExecuteCommandResult>>? GetCommandResult { get; set; }
}
